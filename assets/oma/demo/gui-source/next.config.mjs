/** @type {import("next").NextConfig} */
export default {
  poweredByHeader: false,
  productionBrowserSourceMaps: false,
  images: { unoptimized: true },
  // The same source gives the same build, so that its digest tells whether the archive is up to date.
  generateBuildId: () => "demo",
  deploymentId: "demo",
  experimental: { cpus: 1 },
};
