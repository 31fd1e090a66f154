using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Kernels;

/// <summary>Which operators an execution provider has kernels for: operator → opset ranges. Element types are not looked at.</summary>
internal sealed class KernelTable
{
    // ONNX defines these by other operators; ONNX Runtime expands them where no kernel is registered.
    private static readonly HashSet<string> Functions =
    [
        "AffineGrid", "Bernoulli", "BlackmanWindow", "CastLike", "Celu", "CenterCropPad", "Clip", "DynamicQuantizeLinear", "Elu", "Gelu",
        "GreaterOrEqual", "GroupNormalization", "HammingWindow", "HannWindow", "HardSigmoid", "HardSwish", "LayerNormalization", "LeakyRelu",
        "LessOrEqual", "LogSoftmax", "MeanVarianceNormalization", "Mish", "NegativeLogLikelihoodLoss", "PRelu", "Range", "ReduceL1", "ReduceL2",
        "ReduceLogSum", "ReduceLogSumExp",
        "ReduceSumSquare", "Relu", "Selu", "SequenceMap", "Shrink", "Softmax", "SoftmaxCrossEntropyLoss", "Softplus", "Softsign", "ThresholdedRelu",
    ];

    private readonly Dictionary<OpId, List<(long First, long Last)>> ranges = [];

    private KernelTable(string resource)
    {
        using Stream stream = typeof(KernelTable).Assembly.GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"The resource '{resource}' is not embedded.");
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#') || line.StartsWith("domain\t", StringComparison.Ordinal)) continue;
            string[] cells = line.Split('\t');
            OpId op = new(OpId.FoldDomain(cells[0]), cells[1]);
            if (!ranges.TryGetValue(op, out List<(long First, long Last)>? known)) ranges[op] = known = [];
            known.Add(Parse(cells[2]));
        }
    }

    public static KernelTable Cpu { get; } = new("kernels-cpu.tsv");

    public static KernelTable Cuda { get; } = new("kernels-cuda.tsv");

    public bool Has(OpId op, long opset) =>
        ranges.TryGetValue(op, out List<(long First, long Last)>? known) && known.Exists(range => range.First <= opset && opset <= range.Last);

    /// <summary>Whether some opset's form of the operator has a kernel.</summary>
    public bool HasAnyForm(OpId op) => ranges.ContainsKey(op);

    /// <summary>The first opset with a kernel of the operator; null where there is none.</summary>
    public long? FirstOf(OpId op) => ranges.TryGetValue(op, out List<(long First, long Last)>? known) ? known.Min(range => range.First) : null;

    /// <summary>Whether the runtime itself takes the operator apart, or needs no kernel for it.</summary>
    public static bool IsExpanded(OpId op) => op.Domain == OpId.Onnx && (op.Type == "Constant" || Functions.Contains(op.Type));

    /// <summary>"7+", "13" or "[7, 12]".</summary>
    private static (long First, long Last) Parse(string text)
    {
        string[] numbers = text.Trim('[', ']', '+').Split(',');
        long first = long.Parse(numbers[0], System.Globalization.CultureInfo.InvariantCulture);
        return (first, text.EndsWith('+') ? long.MaxValue : long.Parse(numbers[^1], System.Globalization.CultureInfo.InvariantCulture));
    }
}
