using System.Text.Json;

namespace TrainingHost.Benchmarks;

/// <summary>Where a step's time goes, by operator, from ONNX Runtime's profile of a session.</summary>
/// <param name="Operator">Domain-less operator type.</param>
/// <param name="Nodes">How many nodes of a step have it.</param>
/// <param name="Milliseconds">Kernel time of a step.</param>
internal sealed record OperatorProfile(string Operator, int Nodes, double Milliseconds)
{
    /// <param name="path">The profile's file: a JSON array of events, durations in microseconds.</param>
    /// <param name="runs">Steps that the profile covers.</param>
    /// <returns>The most expensive operator first.</returns>
    public static IReadOnlyList<OperatorProfile> Read(string path, int runs)
    {
        using var events = JsonDocument.Parse(File.ReadAllText(path));
        return [.. from e in events.RootElement.EnumerateArray()
                   where e.GetProperty("cat").GetString() == "Node"
                   where e.GetProperty("name").GetString()!.EndsWith("_kernel_time", StringComparison.Ordinal)
                   group e.GetProperty("dur").GetDouble() by e.GetProperty("args").GetProperty("op_name").GetString()! into operators
                   let profile = new OperatorProfile(operators.Key, operators.Count() / runs, operators.Sum() / runs / 1000)
                   orderby profile.Milliseconds descending
                   select profile];
    }
}
