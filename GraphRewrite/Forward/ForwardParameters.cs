using GraphRewrite.Gradients;
using GraphRewrite.IR;
using GraphRewrite.Rules;

namespace GraphRewrite.Forward;

/// <summary>
/// What of a forward model is trained: its floating-point weights, which are initializers, or (export_params=False) graph inputs.
/// Not trained are running statistics, what the exporter says is no parameter (buffers, lifted constants), constants that it stored itself,
/// and what no gradient flows to.
/// </summary>
/// <param name="Parameters">Floating-point weights, in the model's order.</param>
/// <param name="Statistics">Running means and variances of BatchNormalization.</param>
/// <param name="WithoutValue">Those of both that the model names but brings no values for.</param>
internal sealed record ForwardParameters(IReadOnlyList<string> Parameters, IReadOnlyList<string> Statistics, IReadOnlyList<string> WithoutValue)
{
    /// <summary>Inputs 3 and 4 of BatchNormalization: running mean and variance.</summary>
    private static readonly int[] StatisticInputs = [3, 4];

    /// <param name="forward">The forward graph as it was read.</param>
    /// <param name="operators">Gradients of the program's own; null for none.</param>
    public static ForwardParameters Find(Graph forward, CustomOperators? operators = null)
    {
        operators ??= CustomOperators.None;
        var record = TorchRecord.Of(forward);
        Value[] named = [.. WithoutValues(forward, record)];
        Value[] stored = [.. forward.Initializers.Concat(named).Where(value => value.Type.IsFloating())];
        IEnumerable<Node> normalizations = forward.Nodes.Where(node => node.Op == "BatchNormalization");
        HashSet<Value> statistics = [.. normalizations.SelectMany(node => StatisticInputs.Select(node.In))];
        return new(
            [.. stored.Where(value => !statistics.Contains(value) && IsTrained(value, record, operators)).Select(value => value.Name)],
            [.. stored.Where(statistics.Contains).Select(value => value.Name)],
            [.. named.Select(value => value.Name)]);
    }

    private static bool IsTrained(Value value, TorchRecord record, CustomOperators operators) =>
        record.IsParameter(value) || !(record.IsConstant(value) || IsExportersOwn(value, record) || IsOffThePath(value, operators));

    /// <summary>A number or tensor that the exporter computed and stored; a folded weight is one too, but has a weight's place.</summary>
    private static bool IsExportersOwn(Value value, TorchRecord record) =>
        ((record.IsAnonymous(value) && value.Shape is { IsStatic: true, Size.Value: 1 }) || record.IsComputed(value))
        && !Walk.UsesThroughViews(value).Any(WeightSlots.IsParameter);

    /// <summary>Only used where no gradient flows: the scales of Resize, the value of Pad.</summary>
    private static bool IsOffThePath(Value value, CustomOperators operators) =>
        value.Uses.Count > 0 && value.Uses.All(use => use.Index >= 0 && !operators.Gradients.ContainsKey(use.Node.Op) && IsStop(use));

    private static bool IsStop(Use use) => GradientRules.IsStop(use.Node.Op, use.Index) || GradientRules.NoGradient.Contains(use.Node.Op);

    /// <summary>
    /// Weights that are inputs without values. Beside an input whose batch is symbolic they are those of fixed shape.
    /// Where all shapes are fixed the names tell: PyTorch's are places in the tree of modules (conv1.weight); a parameter of the root module
    /// has no dot, but comes after the model's own inputs and has another first dimension than a batch.
    /// </summary>
    private static IEnumerable<Value> WithoutValues(Graph forward, TorchRecord record)
    {
        Value[] inputs = [.. forward.Inputs.Where(input => !input.IsInitializer)];
        Value[] candidates = [.. inputs.Where(input => input.Type.IsFloating() && input.Shape is { IsStatic: true } && !record.IsUserInput(input))];
        if (Array.Exists(inputs, input => input.Shape is { IsStatic: false })) return candidates;
        if (inputs is not [{ Shape: { Rank: > 0 } batch }, ..]) return [];
        Value[] later = [.. candidates.Where(input => input != inputs[0])];
        if (!Array.Exists(later, IsNamedParameter)) return [];
        return later.Where(input => IsNamedParameter(input) || input.Shape is { Rank: 0 } || !input.Shape![0].Equals(batch[0]));
    }

    /// <summary>A dotted name; x.1 is how the exporter names an input itself.</summary>
    private static bool IsNamedParameter(Value input) =>
        TorchRecord.IsDotted(input.Name) && !char.IsAsciiDigit(input.Name[input.Name.LastIndexOf('.') + 1]);
}
