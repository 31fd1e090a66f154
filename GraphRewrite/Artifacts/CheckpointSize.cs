using GraphRewrite.Diagnostics;
using GraphRewrite.IR;

namespace GraphRewrite.Artifacts;

/// <summary>How many bytes a checkpoint takes: bounds, from above. The offsets of its format end at 2 GiB.</summary>
internal static class CheckpointSize
{
    /// <summary>What is in a file beside its tensors.</summary>
    public const long Frame = 4096;

    public static long Limit => Array.MaxLength;

    /// <summary>A tensor with its name, and generously what surrounds them.</summary>
    public static long Of(string name, long bytes, int rank) => bytes + (8 * rank) + (3 * name.Length) + 128;

    public static long Of(KeyValuePair<string, Tensor> named) => Of(named.Key, named.Value.Data.Length, named.Value.Rank);

    /// <param name="path">The file, for the message.</param>
    /// <param name="parameters">Bytes of the parameters.</param>
    /// <param name="state">Bytes of the optimizer's state.</param>
    /// <param name="limit">The most that is possible.</param>
    /// <exception cref="GraphRewriteException">It is too large.</exception>
    public static void Check(string path, long parameters, long state, long limit)
    {
        if (Frame + parameters + state <= limit) return;
        Phrase of = state > 0 ? $" ({Megabytes(parameters)} of parameters, {Megabytes(state)} of the optimizer's state)" : "";
        Phrase remedy = state > 0 ? "Take an optimizer with less state (SGD) or fewer parameters" : "Take fewer parameters";
        throw new GraphRewriteException(
            new Finding($"the checkpoint would take {Megabytes(Frame + parameters + state)}{of}; its format ends at {Megabytes(limit)}", remedy)
            {
                Place = new() { File = path },
            });
    }

    private static string Megabytes(long bytes) => $"{bytes / 1_000_000} MB";
}
