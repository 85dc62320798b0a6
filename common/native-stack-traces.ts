/**
 * Stack traces as Node.js makes them. The engine's Node.js host installs source maps for compiled programs, and the SDK
 * then formats a mapped trace for every promise it makes: a second of each update here, for a program that Node.js runs
 * as it is written.
 */
Reflect.deleteProperty(Error, "prepareStackTrace");
