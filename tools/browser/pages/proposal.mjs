export default async () => ["/proposals", "/proposals?state=kept"];
