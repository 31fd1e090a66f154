using System.IO.Enumeration;
using GraphRewrite.Diagnostics;
using GraphRewrite.IR;

namespace GraphRewrite.TrAct;

/// <summary>
/// Which layers TrAct goes into. The first layer is the first Conv, Gemm or MatMul, in the graph's order from the user inputs, whose weight is
/// computed from a trained parameter and not from the batch. All its uses of that weight belong to it (siamese networks).
/// </summary>
internal sealed class FirstLayer
{
    private const int Listed = 12;

    private readonly Dependence dependence;
    private readonly TrActOptions options;
    private readonly IReadOnlyList<Layer> all;
    private readonly List<Finding> warnings = [];

    private FirstLayer(Graph graph, TrActOptions options)
    {
        this.options = options;
        dependence = new(graph, options);
        all = Layer.All(graph, dependence, options);
    }

    /// <summary>The weight gradients that the closed form replaces, and what the user should know about the choice.</summary>
    /// <exception cref="GraphRewriteException">There is no such layer; the message says why and what to do.</exception>
    public static (IReadOnlyList<WeightGradient> Gradients, IReadOnlyList<Finding> Warnings) Find(Graph graph, TrActOptions options)
    {
        var search = new FirstLayer(graph, options);
        IReadOnlyList<Layer> layers = options.Layers.Count == 0
            ? [search.First(graph)]
            : [.. options.Layers.SelectMany(name => search.Named(graph, name)).Distinct()];
        IEnumerable<Layer> uses = layers.SelectMany(search.UsesOfTheSameWeight).Distinct();
        return ([.. uses.SelectMany(layer => WeightGradient.Find(layer, search.dependence)).DistinctBy(gradient => gradient.DW)], search.warnings);
    }

    private Layer First(Graph graph)
    {
        Layer? first = all.Count > 0 ? all[0] : null;
        if (Embedding(graph, first) is { } lookup)
        {
            throw lookup.Refuse(
                $"the model begins with an Embedding, which looks up '{lookup.In(0).Name}' by the input; "
                + $"TrAct needs a first Conv, Gemm or MatMul on numbers, not on token ids",
                $"{NameLayer("a later layer", first)}, or train with {Setting.NoTrAct}");
        }
        if (first is null)
        {
            string inputs = string.Join(", ", options.UserInputs.Select(name => $"'{name}'"));
            throw graph.Refuse(
                $"it has no Conv, Gemm or MatMul between its inputs ({inputs}) and its outputs that has a parameter as its weight; "
                + $"TrAct has nothing to rewrite",
                $"Train with {Setting.NoTrAct}");
        }
        Check(first);
        HashSet<Value> behind = Walk.Downstream(all.Select(layer => layer.Node.Out(0)));
        Layer[] others = [.. all.Where(other => !behind.Contains(other.X) && !SharesWeight(first, other))];
        if (others.Length > 0)
        {
            warnings.Add(new(
                $"TrAct goes into {first} only; the model has other first layers: {List(others)}",
                $"To choose, name layers with {Setting.Layers} (repeatable)"));
        }
        return first;
    }

    private Layer[] Named(Graph graph, string name)
    {
        Layer[] matches = [.. all.Where(layer => layer.Name == name)];
        if (matches.Length == 0) matches = [.. all.Where(layer => layer.Parameters.Contains(name) || IsBias(layer, name)).Take(1)];
        if (matches.Length == 0) matches = [.. Globbed(name)];
        if (matches.Length == 0)
        {
            string found = graph.Nodes.FirstOrDefault(node => node.Name == name) is { } node
                ? $"node {node} is no layer of the forward pass with a weight"
                : "the model has no node or parameter of that name";
            throw new GraphRewriteException(new Finding(found, $"Layers that can be named: {List(all.Where(CanBeNamed))}")
            {
                Place = new() { Setting = Setting.Layers, Given = name },
            });
        }
        foreach (Layer layer in matches) Check(layer);
        return matches;
    }

    /// <summary>Layers whose name matches, and of each parameter whose name matches the first layer; frozen ones are left out.</summary>
    private IEnumerable<Layer> Globbed(string glob)
    {
        if (glob.AsSpan().IndexOfAny('*', '?') < 0) return [];
        Layer[] open = [.. all.Where(CanBeNamed)];
        IEnumerable<string> parameters = open.SelectMany(layer => layer.Trained).Distinct().Where(Matches);
        HashSet<Layer> byParameter = [.. parameters.Select(name => open.First(layer => layer.Trained.Contains(name)))];
        return open.Where(layer => Matches(layer.Name) || byParameter.Contains(layer));

        bool Matches(string name) => FileSystemName.MatchesSimpleExpression(glob, name, ignoreCase: false);
    }

    private void Check(Layer layer)
    {
        if (layer.Kind == LayerKind.Other)
        {
            string why = layer.Node.Op.Type is "Gemm" or "MatMul" or "FusedMatMul" or "Conv"
                ? "has its weight as the left operand"
                : "has no closed form";
            throw layer.Node.Refuse(
                $"the layer {why}; TrAct knows Conv, and Gemm and MatMul with the weight on the right",
                $"{NameLayer("another layer", layer)}, or train with {Setting.NoTrAct}");
        }
        if (layer.Trained.Count == 0)
        {
            throw layer.Node.Refuse(
                $"the layer is frozen: its weight '{layer.Parameter}' is not trained, so it has no gradient to rewrite",
                $"{NameLayer("another layer", layer)}, or train '{layer.Parameter}'");
        }
    }

    private Phrase NameLayer(string which, Layer? except)
    {
        Layer? other = all.FirstOrDefault(layer => layer != except && CanBeNamed(layer));
        return $"Name {which} with {Setting.Layers}{(other is null ? "" : $" (such as {other})")}";
    }

    private static bool CanBeNamed(Layer layer) => layer.Kind != LayerKind.Other && layer.Trained.Count > 0;

    /// <summary>The table lookup by the batch that the layer's input (or, without a layer, any output) comes from.</summary>
    private Node? Embedding(Graph graph, Layer? first)
    {
        HashSet<Node>? before = first is null ? null : [.. Walk.Upstream(first.X).Select(value => value.Producer).OfType<Node>()];
        return graph.Nodes.FirstOrDefault(node => node.Op is { Domain: OpId.Onnx, Type: "Gather" } && dependence.IsForward(node)
            && !dependence.IsFromBatch(node.In(0)) && dependence.IsFromBatch(node.In(1)) && before?.Contains(node) != false);
    }

    private IEnumerable<Layer> UsesOfTheSameWeight(Layer layer) =>
        all.Where(other => other == layer || (other.Kind == layer.Kind && other.OutputFirst == layer.OutputFirst && SharesWeight(layer, other)));

    /// <summary>Exporters repeat a Transpose for each use; a tied decoder, whose weight is the transpose, has another role.</summary>
    private static bool SharesWeight(Layer a, Layer b)
    {
        (Value w, Value v) = (Walk.Unnamed(a.W), Walk.Unnamed(b.W));
        return w == v || (w.Producer is { Op.Type: "Transpose" } p && v.Producer is { Op.Type: "Transpose" } q
            && p.Attributes.Count == q.Attributes.Count && p.Attributes.Zip(q.Attributes).All(pair => pair.First.SameAs(pair.Second))
            && Walk.Unnamed(p.In(0)) == Walk.Unnamed(q.In(0)));
    }

    private static bool IsBias(Layer layer, string name) => layer.Kind is LayerKind.Conv or LayerKind.Gemm && layer.Node.InOrNull(2)?.Name == name;

    private static string List(IEnumerable<Layer> layers)
    {
        string[] names = [.. layers.Select(layer => layer.ToString())];
        return names.Length == 0 ? "none"
            : names.Length <= Listed ? string.Join(", ", names)
            : $"{string.Join(", ", names.Take(Listed))} and {names.Length - Listed} more";
    }
}
