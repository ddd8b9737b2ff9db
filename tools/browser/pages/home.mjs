export default async () => ["/", "/account", "/notices", "/log", "/notice"];
