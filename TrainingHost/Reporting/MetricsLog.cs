using GraphRewrite.Diagnostics;

namespace TrainingHost.Reporting;

/// <summary>
/// The metrics files of a run, each report on the disk as soon as it is written. They are made anew of the run's history, aside, and renamed: a
/// resumed run's files are those of a run that was never interrupted.
/// </summary>
internal sealed class MetricsLog : IDisposable
{
    private readonly List<(IMetricsFormat Format, string Path, FileStream Stream)> files = [];

    private MetricsLog()
    {
    }

    /// <param name="folder">The run's folder.</param>
    /// <param name="history">What the files hold at first.</param>
    /// <param name="formats">The files.</param>
    /// <exception cref="GraphRewriteException">The folder cannot be written.</exception>
    public static MetricsLog Open(string folder, RunHistory history, params IReadOnlyList<IMetricsFormat> formats)
    {
        var log = new MetricsLog();
        foreach (IMetricsFormat format in formats)
        {
            string path = Path.Combine(folder, format.File);
            log.files.Add((format, path, Writing(path, () => Begin(path, format, history))));
        }
        return log;
    }

    public void Write(RunReport report)
    {
        foreach ((IMetricsFormat format, string path, FileStream stream) in files)
        {
            byte[] row = format.Of(report);
            Writing(path, () =>
            {
                stream.Write(row);
                stream.Flush();
                return true;
            });
        }
    }

    public void Dispose() => files.ForEach(file => file.Stream.Dispose());

    private static FileStream Begin(string path, IMetricsFormat format, RunHistory history)
    {
        string temporary = $"{path}.{Environment.ProcessId}.tmp";
        using (FileStream file = File.Create(temporary))
        {
            file.Write(format.Head);
            foreach (RunReport report in history.Reports) file.Write(format.Of(report));
        }
        File.Move(temporary, path, overwrite: true);
        return new(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
    }

    private static T Writing<T>(string path, Func<T> write)
    {
        try
        {
            return write();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GraphRewriteException($"{path}: cannot be written ({error.Message}). Give another --output.", error);
        }
    }
}
