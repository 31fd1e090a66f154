using System.Globalization;
using GraphRewrite.IR;

namespace GraphRewrite.Verification;

/// <summary>
/// Which value of AFTER stands for which of BEFORE: a walk through both graphs at once, from corresponding outputs to the inputs, one-to-one.
/// It ends at the places where BEFORE has a weight gradient that the rewrite may replace.
/// </summary>
/// <param name="before">BEFORE.</param>
/// <param name="after">AFTER.</param>
/// <param name="places">Where BEFORE has a weight gradient that may be replaced.</param>
/// <param name="inputs">What inputs of AFTER are called in BEFORE, where not by their names.</param>
internal sealed class Correspondence(
    Graph before, Graph after, IReadOnlySet<Value> places, IReadOnlyDictionary<Value, string>? inputs = null)
{
    private readonly Dictionary<Value, Value> valueAfter = [];
    private readonly Dictionary<Value, Value> valueBefore = [];
    private readonly Dictionary<Node, Node> nodeAfter = [];
    private readonly Dictionary<Node, Node> nodeBefore = [];
    private readonly Dictionary<Value, Value> replaced = [];
    private readonly Queue<Step> open = [];

    private sealed record Step(Value Before, Value After, string Output, bool Plain);

    public ConeSignatures SignaturesBefore { get; } = new(before);

    public ConeSignatures SignaturesAfter { get; } = new(after, inputs);

    public List<string> Differences { get; } = [];

    /// <summary>Places of BEFORE that were reached, each with the value of AFTER that stands there.</summary>
    public IReadOnlyDictionary<Value, Value> Replaced => replaced;

    public bool HasBefore(Node node) => nodeAfter.ContainsKey(node);

    public bool HasAfter(Node node) => nodeBefore.ContainsKey(node);

    public bool HasBefore(Value value) => valueAfter.ContainsKey(value);

    public bool HasAfter(Value value) => valueBefore.ContainsKey(value);

    /// <summary>The value of BEFORE that a value of AFTER stands for.</summary>
    public Value? InBefore(Value value) => valueBefore.GetValueOrDefault(value);

    /// <summary>Walks from a pair of values. Plain: the pair is BEFORE's own weight gradient, still made in AFTER.</summary>
    public void Follow(Value inBefore, Value inAfter, string output, bool plain = false)
    {
        open.Enqueue(new(inBefore, inAfter, output, plain));
        while (open.TryDequeue(out Step? step)) Visit(step);
    }

    private void Visit(Step step)
    {
        (Value b, Value a, string output, bool plain) = step;
        if (!plain && places.Contains(b))
        {
            if (!replaced.TryAdd(b, a) && replaced[b] != a)
                Report(output, $"the gradient '{b.Name}' has two counterparts in AFTER, '{replaced[b].Name}' and '{a.Name}'");
            return;
        }
        if (valueAfter.TryGetValue(b, out Value? known) | valueBefore.TryGetValue(a, out Value? other))
        {
            if (known is null) Report(output, $"AFTER has '{a.Name}' for both '{other!.Name}' and '{b.Name}' of BEFORE");
            else if (known != a) Report(output, $"AFTER has both '{known.Name}' and '{a.Name}' for '{b.Name}' of BEFORE");
            return;
        }
        (valueAfter[b], valueBefore[a]) = (a, b);
        bool areTyped = b.Type != ElementType.Undefined && a.Type != ElementType.Undefined;
        if (areTyped && b.Type != a.Type) Report(output, $"'{b.Name}' is {b.Type} in BEFORE, '{a.Name}' {a.Type} in AFTER");
        if (b.DeclaredType is { } declared && a.DeclaredType is { } redeclared && !declared.Equals(redeclared))
            Report(output, $"'{b.Name}' is declared {b} in BEFORE, {a} in AFTER");
        if (b.DeclaredType is null && a.DeclaredType is not null) Report(output, $"AFTER declares '{a}' (value_info), BEFORE does not");
        if (b.Producer is { } nodeB && a.Producer is { } nodeA) VisitNodes(nodeB, nodeA, step);
        else if (b.Producer is null && a.Producer is null) CompareLeaves(b, a, output);
        else Report(output, $"'{b.Name}' is {Origin(b)} in BEFORE; its counterpart '{a.Name}' is {Origin(a)} in AFTER");
    }

    private void CompareLeaves(Value b, Value a, string output)
    {
        if ((b.IsGraphInput || a.IsGraphInput) && (b.IsGraphInput != a.IsGraphInput || b.Name != (inputs?.GetValueOrDefault(a) ?? a.Name)))
            Report(output, $"BEFORE reads {Origin(b)} '{b.Name}', AFTER {Origin(a)} '{a.Name}'");
        if (Contents.Difference(b, a) is { } difference) Report(output, $"initializer '{b.Name}' (AFTER: '{a.Name}'): {difference}");
    }

    private void VisitNodes(Node b, Node a, Step step)
    {
        string output = step.Output;
        if (b.Op != a.Op)
        {
            Forget(step);
            ReportOtherNode(b, a, step);
            return;
        }
        if (step.Before.ProducerIndex != step.After.ProducerIndex)
        {
            Report(output, $"BEFORE takes output {step.Before.ProducerIndex} of node {b}, AFTER output {step.After.ProducerIndex} of node {a}");
            return;
        }
        if (nodeAfter.TryGetValue(b, out Node? known) | nodeBefore.TryGetValue(a, out Node? other))
        {
            if (known is null) Report(output, $"node {a} of AFTER stands for two nodes of BEFORE, {other} and {b}");
            else if (known != a) Report(output, $"node {b} of BEFORE has two counterparts in AFTER, {known} and {a}");
            return;
        }
        (nodeAfter[b], nodeBefore[a]) = (a, b);
        foreach (string difference in Contents.AttributeDifferences(b, a, (x, y) => SameBranches(x, b, y, a)))
            Report(output, $"node {b} (AFTER: {a}): {difference}");
        VisitInputs(b, a, output);
        VisitOutputs(b, a, output);
    }

    /// <summary>Whether branches compute the same from what they capture, or the same from what stands at the same place of it.</summary>
    private bool SameBranches(NodeAttribute x, Node b, NodeAttribute y, Node a)
    {
        return ConeSignatures.OfBranches(x, name => SignaturesBefore.Of(before.Get(name)))
                == ConeSignatures.OfBranches(y, name => SignaturesAfter.Of(after.Get(name)))
            || ConeSignatures.OfBranches(x, name => Place(b, name)) == ConeSignatures.OfBranches(y, name => Place(a, name));

        static string Place(Node node, string name) =>
            node.Captured.Index().First(value => value.Item.Name == name).Index.ToString(CultureInfo.InvariantCulture);
    }

    private void VisitInputs(Node b, Node a, string output)
    {
        if (b.Inputs.Count != a.Inputs.Count || b.Captured.Count != a.Captured.Count)
            Report(output, $"node {b} has {b.Inputs.Count} inputs in BEFORE, {a.Inputs.Count} in AFTER ({a})");
        List<(Value? B, Value? A, string Name)> pairs =
        [
            .. Enumerable.Range(0, Math.Min(b.Inputs.Count, a.Inputs.Count)).Select(i => (b.Inputs[i], a.Inputs[i], $"input {i}")),
            .. b.Captured.Zip(a.Captured, (x, y) => ((Value?)x, (Value?)y, $"captured '{x.Name}'")),
        ];
        (Value? B, Value? A, string Name)[] unlike = [.. pairs.Where(pair => SignaturesBefore.Of(pair.B) != SignaturesAfter.Of(pair.A))];
        IEnumerable<string> signaturesOfB = unlike.Select(pair => SignaturesBefore.Of(pair.B)).Order();
        IEnumerable<string> signaturesOfA = unlike.Select(pair => SignaturesAfter.Of(pair.A)).Order();
        if (unlike.Length > 1 && signaturesOfB.SequenceEqual(signaturesOfA))
        {
            Report(output, $"node {b} (AFTER: {a}): inputs in another order, ({Names(b.Inputs)}) in BEFORE, ({Names(a.Inputs)}) in AFTER");
            pairs.RemoveAll(unlike.Contains);
        }
        foreach ((Value? inBefore, Value? inAfter, string name) in pairs)
        {
            if (inBefore is null && inAfter is null) continue;
            if (inBefore is null || inAfter is null)
            {
                Report(output, $"node {b} (AFTER: {a}): {name} is {NameOf(inBefore)} in BEFORE, {NameOf(inAfter)} in AFTER");
            }
            else if (ReadsAnother(inBefore, inAfter) is { } another)
            {
                Report(
                    output,
                    $"node {b} (AFTER: {a}): {name} is '{inBefore.Name}' ({Origin(inBefore)}) in BEFORE; "
                    + $"AFTER reads '{inAfter.Name}', which is BEFORE's '{another.Name}' ({Origin(another)})");
            }
            else
            {
                open.Enqueue(new(inBefore, inAfter, output, Plain: false));
            }
        }
    }

    /// <summary>The other value of BEFORE that AFTER reads here, if it is just that: a rewired edge, not a change further up.</summary>
    private Value? ReadsAnother(Value inBefore, Value inAfter)
    {
        if (places.Contains(inBefore) || SignaturesBefore.Of(inBefore) == SignaturesAfter.Of(inAfter)) return null;
        if (inBefore.IsInitializer && inAfter.IsInitializer) return null;
        return SignaturesBefore.Find(SignaturesAfter.Of(inAfter));
    }

    private void VisitOutputs(Node b, Node a, string output)
    {
        for (int i = 0; i < Math.Max(b.Outputs.Count, a.Outputs.Count); i++)
        {
            (Value? outB, Value? outA) = (b.OutOrNull(i), a.OutOrNull(i));
            bool place = outB is not null && places.Contains(outB);
            if (outB is not null && outA is not null) open.Enqueue(new(outB, outA, output, Plain: place));
            else if (outB is not null != outA is not null && !place)
                Report(output, $"node {b} (AFTER: {a}): output {i} is {NameOf(outB)} in BEFORE, {NameOf(outA)} in AFTER");
        }
    }

    /// <summary>Two operators where one was expected: another one, one put between, or one taken out; the walk goes on behind it.</summary>
    private void ReportOtherNode(Node b, Node a, Step step)
    {
        string wanted = SignaturesBefore.Of(step.Before);
        if (a.Inputs.OfType<Value>().FirstOrDefault(input => SignaturesAfter.Of(input) == wanted) is { } behindAdded)
        {
            Report(step.Output, $"AFTER has the additional node {a} behind BEFORE's '{step.Before.Name}'");
            open.Enqueue(step with { After = behindAdded });
        }
        else if (b.Inputs.OfType<Value>().FirstOrDefault(input => SignaturesBefore.Of(input) == SignaturesAfter.Of(step.After)) is { } behindMissing)
        {
            Report(step.Output, $"AFTER lacks the node {b}: '{step.After.Name}' stands for its input");
            open.Enqueue(step with { Before = behindMissing });
        }
        else
        {
            Report(step.Output, $"'{step.Before.Name}' is made by node {b} in BEFORE, by node {a} ('{step.After.Name}') in AFTER");
        }
    }

    private void Forget(Step step)
    {
        valueAfter.Remove(step.Before);
        valueBefore.Remove(step.After);
    }

    private void Report(string output, string difference) => Differences.Add($"{output}: {difference}");

    private static string NameOf(Value? value) => value is null ? "absent" : $"'{value.Name}'";

    private static string Names(IEnumerable<Value?> values) => string.Join(", ", values.Select(NameOf));

    private static string Origin(Value value) =>
        value.Producer is { } node ? $"made by node {node}" : value.IsGraphInput ? "the graph input" : "an initializer";
}
