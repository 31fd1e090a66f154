using GraphRewrite.Diagnostics;
using GraphRewrite.Serialization;

namespace TrainingHost.Reporting;

/// <summary>
/// The metrics files of a run, each report on the disk as soon as it is written. They are made anew of the run's history, all or none: a resumed
/// run's files are those of a run that was never interrupted. What cannot be written is kept, and tried again with the next report: training goes on.
/// </summary>
internal sealed class MetricsLog : IDisposable
{
    private readonly List<MetricsFile> files = [];

    private MetricsLog()
    {
    }

    /// <summary>Which file cannot be written at present, and why; null where all are whole.</summary>
    public string? Trouble => files.Select(file => file.Trouble).FirstOrDefault(trouble => trouble is not null);

    /// <param name="folder">The run's folder.</param>
    /// <param name="history">What the files hold at first.</param>
    /// <param name="formats">The files.</param>
    /// <exception cref="GraphRewriteException">The folder cannot be written.</exception>
    public static MetricsLog Open(string folder, RunHistory history, params IReadOnlyList<IMetricsFormat> formats) =>
        Open(folder, history, formats, Last);

    /// <param name="folder">The run's folder.</param>
    /// <param name="history">What the files hold at first.</param>
    /// <param name="formats">The files.</param>
    /// <param name="append">Opens a file at its end.</param>
    internal static MetricsLog Open(string folder, RunHistory history, IReadOnlyList<IMetricsFormat> formats, Func<string, Stream> append)
    {
        using (var set = AtomicFiles.In(folder))
        {
            foreach (IMetricsFormat format in formats)
            {
                set.Write(Path.Combine(folder, format.File), file =>
                {
                    file.Write(format.Head);
                    foreach (RunReport report in history.Reports) file.Write(format.Of(report));
                });
            }
            set.Commit();
        }
        var log = new MetricsLog();
        foreach (IMetricsFormat format in formats)
        {
            string path = Path.Combine(folder, format.File);
            log.files.Add(new(format, path, append(path)));
        }
        return log;
    }

    public void Write(RunReport report) => files.ForEach(file => file.Write(report));

    public void Dispose() => files.ForEach(file => file.Dispose());

    /// <summary>Without a buffer: what one cannot write it would write later, at a place of its own choosing.</summary>
    private static FileStream Last(string path)
    {
        try
        {
            var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            file.Seek(0, SeekOrigin.End);
            return file;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GraphRewriteException($"{path}: cannot be written ({e.Message}). Give another --output.", e);
        }
    }
}
