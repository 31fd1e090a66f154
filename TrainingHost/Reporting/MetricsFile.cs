namespace TrainingHost.Reporting;

/// <summary>One of a run's metrics files: whole rows only, and what could not be written yet.</summary>
internal sealed class MetricsFile(IMetricsFormat format, string path, Stream stream) : IDisposable
{
    private readonly List<byte> waiting = [];
    private long whole = stream.Position;

    /// <summary>"PATH: cannot be written (No space left on device)"; null where nothing waits.</summary>
    public string? Trouble { get; private set; }

    public void Write(RunReport report)
    {
        waiting.AddRange(format.Of(report));
        try
        {
            if (Trouble is not null)
            {
                stream.SetLength(whole); // half of a row may be there
                stream.Position = whole;
            }
            stream.Write(waiting.ToArray());
            stream.Flush();
            whole += waiting.Count;
            waiting.Clear();
            Trouble = null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
        {
            // The last: larger than a file may be there, says FileStream.
            Trouble = $"{path}: cannot be written ({e.Message.TrimEnd('.')})";
        }
    }

    public void Dispose()
    {
        try
        {
            if (Trouble is not null) stream.SetLength(whole);
            stream.Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The rows that are whole are there.
        }
    }
}
