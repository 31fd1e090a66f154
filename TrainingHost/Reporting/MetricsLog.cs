using System.Globalization;
using GraphRewrite.Diagnostics;

namespace TrainingHost.Reporting;

/// <summary>
/// The metrics file: CSV, a line a step, on the disk as soon as it is written; numbers in the invariant culture with all their digits.
/// A resumed run keeps the lines up to its step and goes on behind them.
/// </summary>
internal sealed class MetricsLog : IDisposable
{
    public const string Header = "step,epoch,loss,accuracy,learning_rate,images_per_second,seconds";

    private readonly string path;
    private readonly StreamWriter writer;
    private TimeSpan previous;

    private MetricsLog(string path, StreamWriter writer) => (this.path, this.writer) = (path, writer);

    /// <param name="path">The file.</param>
    /// <param name="resumedStep">The last step whose line is kept from an earlier run; 0 begins anew.</param>
    public static MetricsLog Open(string path, int resumedStep = 0) => Writing(path, () =>
    {
        string temporary = path + ".tmp";
        File.WriteAllText(temporary, string.Join('\n', [Header, .. Kept(path, resumedStep), ""]));
        File.Move(temporary, path, overwrite: true);
        var file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        return new MetricsLog(path, new StreamWriter(file) { NewLine = "\n" });
    });

    public void Write(StepReport step) => Writing(path, () =>
    {
        double seconds = (step.Elapsed - previous).TotalSeconds;
        previous = step.Elapsed;
        double? rate = seconds > 0 ? step.Images / seconds : null;
        object?[] fields = [step.Step, step.Epoch, step.Loss, step.Accuracy, step.LearningRate, rate, step.Elapsed.TotalSeconds];
        writer.WriteLine(string.Join(',', fields.Select(field => Convert.ToString(field, CultureInfo.InvariantCulture))));
        writer.Flush();
        return true;
    });

    public void Dispose() => writer.Dispose();

    /// <summary>Whole lines of steps 1 … resumedStep; a killed run may have left half of one.</summary>
    private static IEnumerable<string> Kept(string path, int resumedStep)
    {
        if (resumedStep == 0 || !File.Exists(path)) return [];
        int columns = Header.Split(',').Length;
        return [.. File.ReadAllLines(path).Where(line => line.Split(',') is { } fields && fields.Length == columns && IsKept(fields[0]))];

        bool IsKept(string first) => int.TryParse(first, CultureInfo.InvariantCulture, out int step) && step <= resumedStep;
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
