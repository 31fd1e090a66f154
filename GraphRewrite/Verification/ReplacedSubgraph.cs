using GraphRewrite.IR;
using GraphRewrite.TrAct;

namespace GraphRewrite.Verification;

/// <summary>
/// What stands in AFTER where BEFORE has a plain weight gradient. It may read that gradient, the layer's X and dY, λ and constants, and nothing else.
/// </summary>
internal sealed class ReplacedSubgraph(LayerGradient gradient, Value root, Correspondence walk)
{
    private readonly IReadOnlyList<Value> sources = gradient.Sources;
    private readonly HashSet<Value> seen = [];
    private readonly List<string> differences = [];
    private readonly List<Value> read = [];

    public LayerGradient Gradient { get; } = gradient;

    /// <summary>The new gradient.</summary>
    public Value Root { get; } = root;

    public HashSet<Node> Nodes { get; } = [];

    private string Place => $"gradient '{Gradient.DW.Name}' of layer '{Gradient.Name}'";

    /// <summary>Walks the subgraph; says what is wrong with it.</summary>
    public IReadOnlyList<string> Check(Value? lambda)
    {
        if (SameCone(Gradient.DW, Root))
            return [$"{Place}: AFTER still has the plain gradient '{Root.Name}' although '{TrActNames.Layers}' names the layer"];
        if (walk.InBefore(Root) is { } other) return [$"{Place}: AFTER has '{Root.Name}' there, which is BEFORE's '{other.Name}'"];
        var open = new Stack<Value>([Root]);
        while (open.TryPop(out Value? value))
        {
            if (!seen.Add(value) || IsBoundary(value)) continue;
            if (value.Producer is not { } node)
            {
                if (value.IsGraphInput || !value.IsInitializer) differences.Add($"{Place}: the new subgraph reads the graph input '{value.Name}'");
                continue;
            }
            Nodes.Add(node);
            foreach (Value output in node.Outputs.OfType<Value>().Where(output => output != Root && output.DeclaredType is not null))
                differences.Add($"{Place}: AFTER declares '{output}' (value_info) in the new subgraph");
            foreach (Value input in Walk.Operands(node)) open.Push(input);
        }
        if (lambda is null || !seen.Contains(lambda))
            differences.Add($"{Place}: the new subgraph does not read the initializer '{TrActNames.Lambda}'");
        if (read.Count == 0) differences.Add($"{Place}: the new subgraph reads neither the plain gradient nor the layer's X and dY");
        return differences;
    }

    /// <summary>Whether BEFORE has the value too; then it must be one that the new gradient may be made from.</summary>
    private bool IsBoundary(Value value)
    {
        if (sources.FirstOrDefault(IsSource) is { } source)
        {
            walk.Follow(source, value, Place, plain: source == Gradient.DW);
            read.Add(value);
            return true;
        }
        if (walk.InBefore(value) is not { } known) return false;
        if (!known.IsInitializer || known.IsGraphInput)
        {
            differences.Add(
                $"{Place}: the new subgraph reads '{value.Name}', BEFORE's '{known.Name}', "
                + "which is neither the plain gradient nor the layer's X or dY");
        }
        return true;

        bool IsSource(Value inBefore) =>
            walk.InBefore(value) == inBefore || (!walk.HasAfter(value) && !walk.HasBefore(inBefore) && SameCone(inBefore, value));
    }

    private bool SameCone(Value before, Value after) => walk.SignaturesBefore.Of(before) == walk.SignaturesAfter.Of(after);
}
