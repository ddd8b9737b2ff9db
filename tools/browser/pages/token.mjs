export default async () => ["/account/tokens"];
