import "./style.css";

export const metadata = { title: "OSSEA-Migrate (demo)" };

export default function Layout({ children }) {
  return (
    <html lang="en">
      <body>
        <header>
          <h1>OSSEA-Migrate</h1>
          <p className="demo">Demo part: the product's GUI takes its place</p>
        </header>
        {children}
      </body>
    </html>
  );
}
