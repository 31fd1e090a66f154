using System.Text.Json;
using System.Text.Json.Serialization;

namespace TrainingHost.Reporting;

/// <summary>metrics.jsonl: every report of a run, one JSON object a line; what a resumed run reads.</summary>
internal sealed class JsonLines : IMetricsFormat
{
    public const string FileName = "metrics.jsonl";

    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, // an epoch whose rows are lost has no mean
        Converters = { new Seconds() },
    };

    public string File => FileName;

    public byte[] Head => [];

    public byte[] Of(RunReport report) => [.. JsonSerializer.SerializeToUtf8Bytes(report, Options), (byte)'\n'];

    /// <summary>Whole lines; a killed run may have left half of one.</summary>
    public static IEnumerable<RunReport> Read(string path)
    {
        foreach (string line in System.IO.File.ReadLines(path))
        {
            RunReport report;
            try
            {
                report = JsonSerializer.Deserialize<RunReport>(line, Options)!;
            }
            catch (JsonException)
            {
                yield break;
            }
            yield return report;
        }
    }

    private sealed class Seconds : JsonConverter<TimeSpan>
    {
        public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            TimeSpan.FromSeconds(reader.GetDouble());

        public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) =>
            writer.WriteNumberValue(value.TotalSeconds);
    }
}
