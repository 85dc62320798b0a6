/** usage: node make-image.ts CACHE-FOLDER   # says each line of progress, then the image as JSON */
import { ensureBaseImage } from "../../../lab/images/index.ts";

const [cacheHome = ""] = process.argv.slice(2);
console.log(JSON.stringify(await ensureBaseImage({ cacheHome, log: console.log })));
