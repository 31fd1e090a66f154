using System.Globalization;
using System.Text;

namespace TrainingHost.Reporting;

/// <summary>metrics.csv: a line a step; numbers in the invariant culture with all their digits.</summary>
internal sealed class CsvMetrics : IMetricsFormat
{
    public const string FileName = "metrics.csv";
    public const string Header = "step,epoch,loss,accuracy,learning_rate,images_per_second,seconds";

    private TimeSpan previous;

    public string File => FileName;

    public byte[] Head => Encoding.UTF8.GetBytes(Header + "\n");

    public byte[] Of(RunReport report)
    {
        TimeSpan taken = report.Elapsed - previous;
        previous = report.Elapsed; // an evaluation takes time too, but not the next step's
        if (report is not StepReport step) return [];
        double? rate = taken > TimeSpan.Zero ? step.Images / taken.TotalSeconds : null;
        object?[] fields = [step.Step, step.Epoch, step.Loss, step.Accuracy, step.LearningRate, rate, step.Elapsed.TotalSeconds];
        return Encoding.UTF8.GetBytes(string.Join(',', fields.Select(field => Convert.ToString(field, CultureInfo.InvariantCulture))) + "\n");
    }
}
