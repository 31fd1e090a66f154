using GraphRewrite.IR;

namespace GraphRewrite.Artifacts;

/// <summary>How many bytes a checkpoint takes in ONNX Runtime Training's format: bounds, from above.</summary>
public sealed class CheckpointSize
{
    /// <summary>What is in a file beside its tensors.</summary>
    private const long Frame = 4096;

    private readonly long parameters, state;

    internal CheckpointSize(long parameters, long state) => (this.parameters, this.state) = (parameters, state);

    /// <summary>Where the format's offsets end: 2 GiB.</summary>
    public static long Limit => Array.MaxLength;

    /// <summary>All together.</summary>
    public long Total => Frame + parameters + state;

    internal static CheckpointSize Of(Checkpoint checkpoint) => new(
        checkpoint.Trainable.Concat(checkpoint.Frozen).Sum(Of),
        checkpoint.OptimizerGroups.SelectMany(group => group.Momentums.Values).SelectMany(state => state).Sum(Of));

    /// <summary>A tensor with its name, and generously what surrounds them.</summary>
    internal static long Of(string name, long bytes, int rank) => bytes + (8 * rank) + (3 * name.Length) + 128;

    internal static long Of(KeyValuePair<string, Tensor> named) => Of(named.Key, named.Value.Data.Length, named.Value.Rank);

    /// <summary>"3000 MB (1000 MB of parameters, 2000 MB of the optimizer's state)"</summary>
    public override string ToString() =>
        Megabytes(Total) + (state > 0 ? $" ({Megabytes(parameters)} of parameters, {Megabytes(state)} of the optimizer's state)" : "");

    private static string Megabytes(long bytes) => $"{bytes / 1_000_000} MB";
}
