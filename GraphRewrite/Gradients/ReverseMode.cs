using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.Rules;

namespace GraphRewrite.Gradients;

/// <summary>
/// Reverse mode over a forward graph: appends the nodes that compute the gradient of one value with respect to others. Only what lies on a path
/// from a wanted value to the loss gets a gradient. Expects <see cref="NormalForm.ForwardNormalForm"/>'s form and inferred shapes.
/// </summary>
internal sealed class ReverseMode
{
    private readonly Graph graph;
    private readonly HashSet<Value> onPath;
    private readonly CustomOperators operators;
    private readonly Dictionary<Value, List<Value>> contributions = [];
    private readonly HashSet<Value> named = [];
    private readonly List<Finding> refusals = [];

    private ReverseMode(Graph graph, HashSet<Value> onPath, CustomOperators operators) =>
        (this.graph, this.onPath, this.operators) = (graph, onPath, operators);

    /// <summary>The gradients of a value; each is named P_grad after the wanted value P, as in ONNX Runtime's training graphs.</summary>
    /// <param name="graph">The forward graph, in execution order; gradient nodes are appended.</param>
    /// <param name="loss">What is differentiated: usually a scalar. The sum of its entries where there are more and no seed is given.</param>
    /// <param name="wanted">Parameters, inputs or values between.</param>
    /// <param name="seed">The gradient of the loss itself, of the loss's shape; one by default.</param>
    /// <param name="operators">Gradients of the program's own; null for none.</param>
    /// <returns>The gradient of every wanted value that the loss depends on.</returns>
    /// <exception cref="GraphRewriteException">Operators on the way have no gradient: all of them, by node.</exception>
    public static IReadOnlyDictionary<Value, Value> AppendGradients(
        Graph graph, Value loss, IReadOnlyCollection<Value> wanted, Value? seed = null, CustomOperators? operators = null) =>
        Stage.Gradients.During(() => Differentiate(graph, loss, wanted, seed, operators ?? CustomOperators.None));

    private static Dictionary<Value, Value> Differentiate(
        Graph graph, Value loss, IReadOnlyCollection<Value> wanted, Value? seed, CustomOperators operators)
    {
        using System.Diagnostics.Activity? span = Spans.Begin(Spans.Differentiate);
        var build = new ReverseMode(graph, new DifferentiablePath(operators).Between(graph, wanted, loss), operators);
        if (!build.onPath.Contains(loss)) return [];

        Node[] forward = [.. graph.Nodes];
        int stored = graph.Initializers.Count;
        build.Contribute(loss, seed ?? Ones(graph, loss));
        foreach (Node node in forward.AsEnumerable().Reverse())
            if (node.Outputs.Any(output => output is not null && build.onPath.Contains(output))) build.Differentiate(node);
        if (build.refusals.Count > 0) throw Refusal(build.refusals);

        Dictionary<Value, Value> gradients = wanted.Where(build.onPath.Contains).Distinct().ToDictionary(value => value, build.NamedGradient);
        build.RemoveUnused(forward.Length, stored);
        return gradients;
    }

    private static Value Ones(Graph graph, Value loss)
    {
        using OpBuilder op = graph.BuildAtEnd($"{loss.Name}_Grad");
        Value one = op.ScalarLike(loss, 1);
        return loss.Shape is { Rank: 0 } ? one : op.Expand(one, op.Shape(loss));
    }

    private void Differentiate(Node node)
    {
        using OpBuilder op = graph.BuildAtEnd($"{(node.Name.Length > 0 ? node.Name : node.Outputs.OfType<Value>().First().Name)}_Grad");
        Value?[] dY = [.. node.Outputs.Select(output => output is null ? null : Accumulated(op, output))];
        if (dY.All(gradient => gradient is null)) return;

        IReadOnlyList<Value?> dX = Apply(op, node, dY);
        bool isCustom = operators.Gradients.ContainsKey(node.Op);
        for (int i = 0; i < node.Inputs.Count; i++)
        {
            if (node.Inputs[i] is not { } x || !onPath.Contains(x) || (!isCustom && GradientRules.IsStop(node.Op, i))) continue;
            Value? made = dX.ElementAtOrDefault(i);
            if (made is null && isCustom) continue; // a program's own rule stops where it likes
            if (made is not { } gradient)
            {
                refusals.Add(node.Finding($"what is trained reaches its input {i}, '{x.Name}', which has no gradient"));
                continue;
            }
            Contribute(x, GradientRules.Broadcasting.Contains(node.Op) ? Broadcast.SumTo(op, gradient, x) : gradient);
        }
    }

    /// <summary>The rule's gradients; where it refuses, stand-ins, so that the sweep finds everything that it cannot differentiate.</summary>
    private IReadOnlyList<Value?> Apply(OpBuilder op, Node node, Value?[] dY)
    {
        try
        {
            if (operators.Gradients.TryGetValue(node.Op, out CustomGradient? own)) return own(op, node, dY[0] ?? op.ZerosLike(node.Out(0)));
            if (GradientRules.Table.TryGetValue(node.Op, out GradientRule? rule)) return rule(op, node, dY[0] ?? op.ZerosLike(node.Out(0)));
            if (GradientRules.SeveralOutputs.TryGetValue(node.Op, out SeveralOutputsGradientRule? several)) return several(op, node, dY);
            refusals.Add(node.Finding(GradientRules.Refused.GetValueOrDefault(node.Op, "")));
        }
        catch (GraphRewriteException e)
        {
            refusals.Add(e.Finding.Place.Node is null ? e.Finding with { Place = node.Where() } : e.Finding);
        }
        return [.. node.Inputs.Select(x => x is null ? null : graph.NewValue("refused", x.Type, x.Shape))];
    }

    private void Contribute(Value value, Value gradient)
    {
        gradient.Shape ??= value.Shape;
        if (gradient.Type == ElementType.Undefined) gradient.Type = value.Type;
        if (!contributions.TryGetValue(value, out List<Value>? terms)) contributions[value] = terms = [];
        terms.Add(gradient);
    }

    /// <summary>The sum over the uses of a value.</summary>
    private Value? Accumulated(OpBuilder op, Value value)
    {
        if (!contributions.TryGetValue(value, out List<Value>? terms)) return null;
        if (terms.Count > 1) contributions[value] = terms = [op.Op("Sum", terms)];
        return terms[0];
    }

    private Value NamedGradient(Value value)
    {
        using OpBuilder op = graph.BuildAtEnd($"{value.Name}_Grad");
        Value sum = Accumulated(op, value) ?? op.ZerosLike(value);
        string name = GradientNames.Of(value.Name);
        if (sum.Name != name) graph.Vacate(name);
        // A gradient that several values share, or that is no node's output, gets a node of its own.
        if (sum.Producer is null || sum.IsGraphOutput || named.Contains(sum)) sum = op.Identity(sum);
        graph.Rename(sum, name);
        named.Add(sum);
        (sum.Type, sum.Shape) = (value.Type, value.Shape ?? sum.Shape);
        return sum;
    }

    /// <summary>Rules make a gradient for every input; what no wanted gradient needs goes.</summary>
    private void RemoveUnused(int forward, int stored)
    {
        foreach (Node node in graph.Nodes.Skip(forward).Reverse().ToArray())
        {
            if (!node.Outputs.OfType<Value>().Any(IsWanted)) graph.Remove(node);
            else if (node.Op == "com.microsoft::ConvGrad") OmitUnusedOutputs(node);
        }
        foreach (Value constant in graph.Initializers.Skip(stored).ToArray())
            if (!constant.IsUsed) graph.Remove(constant);
    }

    /// <summary>ConvGrad computes only the outputs that it has.</summary>
    private void OmitUnusedOutputs(Node node)
    {
        for (int i = 0; i < node.Outputs.Count; i++)
        {
            if (node.Outputs[i] is not { } output || IsWanted(output)) continue;
            node.SetOutput(i, null);
            graph.Remove(output);
        }
    }

    private bool IsWanted(Value value) => value.IsUsed || named.Contains(value);

    private static GraphRewriteException Refusal(List<Finding> refusals) => new(new Finding(
        $"No gradient for {NameList.Count(refusals.Count, "node")} between the parameters and the loss",
        $"Freeze the parameters before them ({Setting.Freeze}), or export the model without them; `ops` lists what is supported")
    {
        Inner = refusals,
    });
}
