export default async () => ["/cookies", "/cookies/companies/arjasmaa"];
