/** Where the lab's pages are, beside the API. */
export const pagePath = "/lab/";
export const filesPath = "/lab/files/";
/** The page that shows a console. */
export const consolePath = "/lab/console";
/** Makes such a page's URL for an instance, for links of the lab's page. */
export const openConsolePath = "/lab/open-console";
/** The server's name for the web socket of a console. */
export const socketPath = "/websockify";
export const adminPath = "/lab/admin";
