using System.Globalization;
using GraphRewrite.Diagnostics;
using GraphRewrite.Gradients;
using GraphRewrite.IR;
using GraphRewrite.TrAct;

namespace GraphRewrite.Verification;

/// <summary>
/// Proves by structure that AFTER is BEFORE with new weight gradients in the recorded layers: outside the replaced subgraphs both graphs are
/// isomorphic, names of intermediate values and nodes aside; inside, nothing is read but dW, X, dY, λ and constants.
/// What the new subgraphs compute is for <see cref="NumericalVerification"/> to prove.
/// </summary>
internal sealed class StructuralVerification
{
    private readonly Model before;
    private readonly Model after;
    private readonly List<LayerGradient> gradients = [];
    private readonly List<ReplacedSubgraph> replaced = [];
    private readonly List<VerificationCheck> checks = [];

    private StructuralVerification(Model before, Model after)
    {
        this.before = before;
        this.after = after;
    }

    /// <summary>The new gradients, paired with the plain ones.</summary>
    internal IReadOnlyList<ReplacedSubgraph> Replaced => replaced;

    public VerificationReport Report => new(checks);

    /// <summary>Whether all holds but what the new part itself is made of: then numbers mean something.</summary>
    internal bool HoldsOutside { get; private set; }

    /// <param name="before">The training graph as it was.</param>
    /// <param name="after">The rewritten one.</param>
    /// <param name="lambda">The λ that is expected; null: the recorded one.</param>
    public static StructuralVerification Run(Model before, Model after, double? lambda = null)
    {
        var proof = new StructuralVerification(before, after);
        proof.Prove(lambda);
        return proof;
    }

    private void Prove(double? lambda)
    {
        Add(
            "inputs and outputs keep names, order and types",
            ModelFrame.InterfaceDifferences(before.Graph, after.Graph),
            $"{before.Graph.Inputs.Count} inputs, {before.Graph.Outputs.Count} outputs");
        Add(
            "opsets, IR version, metadata and all else beside the nodes are as they were",
            ModelFrame.HeaderDifferences(before, after, TrActNames.Metadata));
        string recorded = after.MetadataOf(TrActNames.Lambda) is { } text ? $"λ = {text}" : "";
        Add("λ in the graph is the recorded one", LambdaDifferences(lambda), recorded);
        List<string> unknown = RecordedLayers();
        Add("the recorded layers are layers of BEFORE", unknown, Quoted(gradients.Select(gradient => gradient.Name).Distinct()));

        var walk = new Correspondence(before.Graph, after.Graph, gradients.Select(gradient => gradient.DW).ToHashSet());
        foreach (Value input in before.Graph.Inputs)
            if (after.Graph.Find(input.Name) is { IsGraphInput: true } same) walk.Follow(input, same, $"input '{input.Name}'");
        foreach ((Value outBefore, Value outAfter) in Outputs()) walk.Follow(outBefore, outAfter, $"output '{outBefore.Name}'");
        List<string> inside = [.. Gradients(walk)];
        var rest = new Remainder(before.Graph, after.Graph, walk, gradients, replaced);
        List<string> unmatched = [.. rest.Differences()];
        List<string> outside = [.. walk.Differences, .. unmatched];
        Add("outside the replaced subgraphs both graphs are the same", outside, $"{before.Graph.Nodes.Count} nodes in BEFORE");
        Add("the new gradients read only dW, X, dY, λ and constants", inside, $"{replaced.Sum(subgraph => subgraph.Nodes.Count)} new nodes");
        string[] reached = Reached(before.Graph, gradients.Select(gradient => gradient.DW));
        Add("exactly the recorded layers' gradients depend on λ", ReachDifferences(reached), Quoted(reached));
        HoldsOutside = Report.Holds;
        Add("the new gradients are the closed form as the rewrite writes it, node by node", FormDifferences(walk));
    }

    private IEnumerable<string> LambdaDifferences(double? expected)
    {
        if (after.Graph.Find(TrActNames.Lambda)?.Initializer is not { Length: 1 } stored)
            return [$"AFTER has no scalar initializer '{TrActNames.Lambda}'"];
        if (after.MetadataOf(TrActNames.Lambda) is not { } text) return [$"AFTER has no metadata '{TrActNames.Lambda}'"];
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double recorded) || !(recorded > 0))
            return [$"metadata '{TrActNames.Lambda}' is '{text}', not a number above 0"];
        double inGraph = stored.ToDouble()[0];
        if (inGraph != (float)recorded)
            return [FormattableString.Invariant($"the initializer '{TrActNames.Lambda}' is {inGraph:R}, the metadata records {recorded:R}")];
        if (expected is { } wanted && (float)wanted != inGraph)
            return [FormattableString.Invariant($"AFTER was made with λ = {recorded:R}, not with {wanted:R}")];
        return [];
    }

    private List<string> RecordedLayers()
    {
        string[] names = after.MetadataOf(TrActNames.Layers)?.Split(';', StringSplitOptions.RemoveEmptyEntries) ?? [];
        if (names.Length == 0) return [$"AFTER records no layers (metadata '{TrActNames.Layers}'): it is not rewritten"];
        var differences = new List<string>();
        foreach (string name in names)
        {
            try
            {
                gradients.AddRange(LayerGradient.Find(before.Graph, name).ExceptBy(gradients.Select(known => known.DW), found => found.DW));
            }
            catch (GraphRewriteException e)
            {
                differences.Add(e.Message);
            }
        }
        return differences;
    }

    /// <summary>Outputs by name; one without a namesake by position.</summary>
    private IEnumerable<(Value Before, Value After)> Outputs()
    {
        HashSet<string> names = [.. before.Graph.Outputs.Select(output => output.Name)];
        Dictionary<string, Value> byName = after.Graph.Outputs.DistinctBy(output => output.Name).ToDictionary(output => output.Name);
        for (int i = 0; i < before.Graph.Outputs.Count; i++)
        {
            Value output = before.Graph.Outputs[i];
            Value? namesake = byName.GetValueOrDefault(output.Name);
            Value? there = after.Graph.Outputs.ElementAtOrDefault(i);
            bool isAnothers = there is not null && names.Contains(there.Name);
            if ((namesake ?? (isAnothers ? null : there)) is { } counterpart) yield return (output, counterpart);
        }
    }

    private IEnumerable<string> Gradients(Correspondence walk)
    {
        foreach (LayerGradient gradient in gradients)
        {
            Value? plain = walk.SignaturesAfter.Find(walk.SignaturesBefore.Of(gradient.DW));
            if (plain is null || walk.HasAfter(plain)) continue;
            walk.Follow(gradient.DW, plain, $"plain gradient '{gradient.DW.Name}'", plain: true);
        }
        Value? lambda = after.Graph.Find(TrActNames.Lambda);
        foreach (LayerGradient gradient in gradients)
        {
            if (!walk.Replaced.TryGetValue(gradient.DW, out Value? root))
            {
                yield return $"gradient '{gradient.DW.Name}' of layer '{gradient.Name}': no output of AFTER leads to it";
                continue;
            }
            var subgraph = new ReplacedSubgraph(gradient, root, walk);
            foreach (string difference in subgraph.Check(lambda)) yield return difference;
            replaced.Add(subgraph);
        }
    }

    /// <summary>Where a new gradient is none of the known forms.</summary>
    private IEnumerable<string> FormDifferences(Correspondence walk)
    {
        if (replaced.Count == 0 || after.Graph.Find(TrActNames.Lambda)?.Initializer is not { Length: 1 } lambda) return [];
        try
        {
            var known = new KnownForms(before, gradients, lambda.ToDouble()[0]);
            return
            [
                .. from subgraph in replaced
                   let difference = known.Difference(subgraph.Gradient, subgraph.Root, walk)
                   where difference is not null
                   select $"gradient '{subgraph.Gradient.DW.Name}' of layer '{subgraph.Gradient.Name}': {difference}",
            ];
        }
        catch (GraphRewriteException e)
        {
            return [$"the rewrite of BEFORE that it is held against fails: {e.Message}"];
        }
    }

    private IEnumerable<string> ReachDifferences(string[] expected)
    {
        string[] found = after.Graph.Find(TrActNames.Lambda) is { } lambda ? Reached(after.Graph, [lambda]) : [];
        return
        [
            .. found.Except(expected).Select(name => $"the gradient of '{name}' depends on λ in AFTER; the recorded layers do not reach it"),
            .. expected.Except(found).Select(name => $"the gradient of '{name}' does not depend on λ in AFTER"),
        ];
    }

    /// <summary>The parameters whose gradients the values flow into, and outputs that are no gradients.</summary>
    private static string[] Reached(Graph graph, IEnumerable<Value> from)
    {
        HashSet<Value> reached = Walk.Downstream(from);
        IEnumerable<Value> others = graph.Outputs.Where(output => output.Producer is not { } node || !ParameterGradients.IsAccumulator(node));
        return [.. ParameterGradients.Of(graph).Where(pair => reached.Contains(pair.Gradient)).Select(pair => pair.Parameter)
            .Concat(others.Where(reached.Contains).Select(output => output.Name).Where(name => !GradientNames.IsGradient(name))).Distinct()];
    }

    private static string Quoted(IEnumerable<string> names) => string.Join(", ", names.Select(name => $"'{name}'"));

    private void Add(string claim, IEnumerable<string> differences, string measured = "") =>
        checks.Add(new(claim, [.. differences], measured));
}
