export default async () => ["/", "/account", "/account/tokens", "/notices", "/log", "/notice"];
