using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Verification;

/// <summary>
/// Many small outputs joined into few, and taken apart again: ONNX Runtime finds an output by its name in a list of all, for every node, which takes
/// time quadratic in their number.
/// </summary>
internal sealed class JoinedOutputs
{
    private const int FewestOutputs = 512, OutputsTogether = 256;

    private const long LargestElements = 65536;

    private readonly List<(string Joined, (string Name, long[] Dims)[] Members)> groups = [];

    private JoinedOutputs()
    {
    }

    /// <param name="graph">Changed in place.</param>
    public static JoinedOutputs Apply(Graph graph)
    {
        var joined = new JoinedOutputs();
        if (graph.Outputs.Count < FewestOutputs) return joined;
        using OpBuilder op = graph.BuildAtEnd("joined");
        Value[] small = [.. graph.Outputs.Where(IsSmall)];
        graph.UnmarkOutputs(IsSmall);
        foreach (Value[] members in small.Chunk(OutputsTogether))
        {
            Value whole = op.Concat(0, [.. members.Select(member => member.Shape is { Rank: 1 } ? member : op.Reshape(member, -1))]);
            graph.MarkOutput(whole);
            joined.groups.Add((whole.Name, [.. members.Select(member => (member.Name, member.Shape!.Extents()))]));
        }
        return joined;
    }

    /// <summary>The outputs of a run as they were before.</summary>
    public IReadOnlyDictionary<string, Tensor> Apart(IReadOnlyDictionary<string, Tensor> outputs)
    {
        if (groups.Count == 0) return outputs;
        var apart = new Dictionary<string, Tensor>(outputs);
        foreach ((string joined, (string Name, long[] Dims)[] members) in groups)
        {
            int at = 0;
            foreach ((string name, long[] dims) in members)
            {
                int length = (int)dims.Product() * sizeof(float);
                apart[name] = new(ElementType.Float, dims, outputs[joined].Data.Slice(at, length));
                at += length;
            }
        }
        return apart;
    }

    private static bool IsSmall(Value output) =>
        output is { Type: ElementType.Float, Producer: not null, Shape: { IsStatic: true } shape } && shape.Size.Value <= LargestElements;
}
