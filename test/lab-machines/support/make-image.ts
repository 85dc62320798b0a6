/** usage: node make-image.ts CACHE-FOLDER   # says each line of progress, then the image as JSON */
import { planBaseImage } from "../../../lab/images/index.ts";

const [cacheHome = ""] = process.argv.slice(2);
const plan = await planBaseImage({ cacheHome });
console.log(JSON.stringify(await plan.make(console.log)));
