export const dynamic = "force-dynamic";

const services = [
  { title: "Migration API", url: "http://127.0.0.1:8082/health" },
  { title: "Volume daemon", url: "http://127.0.0.1:8090/api/v1/health" },
];

/** What a service says of itself now; a service that does not answer is no error of the page. */
async function ask(url) {
  try {
    const response = await fetch(url, { cache: "no-store", signal: AbortSignal.timeout(3000) });
    return { ok: response.ok, answer: await response.json() };
  } catch (error) {
    return { ok: false, answer: { status: `does not answer (${error.cause?.code ?? error.name})` } };
  }
}

export default async function Page() {
  const states = await Promise.all(
    services.map(async (service) => ({ ...service, ...(await ask(service.url)) })),
  );
  const { ok, answer } = await ask("http://127.0.0.1:8082/api/v1/replications");
  const replications = ok ? answer.replications : [];
  return (
    <main>
      <section>
        <h2>Services</h2>
        <table>
          <thead>
            <tr>
              <th>Service</th>
              <th>Status</th>
              <th>Database</th>
            </tr>
          </thead>
          <tbody>
            {states.map(({ title, ok: healthy, answer: said }) => (
              <tr key={title} className={healthy ? "good" : "bad"}>
                <td>{title}</td>
                <td>{said.status}</td>
                <td>{said.database ?? said.database_health ?? "unknown"}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <section>
        <h2>Migrations</h2>
        {replications.length === 0 ? (
          <p>No machine is being migrated yet.</p>
        ) : (
          <ul>
            {replications.map(({ id, source_vm_name: name, status, progress_percent: percent }) => (
              <li key={id}>
                {name}: {status}, {Math.round(percent ?? 0)}%
              </li>
            ))}
          </ul>
        )}
      </section>
    </main>
  );
}
