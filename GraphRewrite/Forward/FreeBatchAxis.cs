using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.IR.Shapes;
using GraphRewrite.Passes;

namespace GraphRewrite.Forward;

/// <summary>
/// Makes the batch axis of a model symbolic that was exported for N examples (torch.onnx.export without dynamic_axes). What of the graph bakes N in
/// is rewritten so that it says the same for N: constant shapes of Reshape and Expand, what is expanded to N beside the examples (a class token), zero
/// states of recurrent layers. It is done only where it is proved that examples stay apart: with the batch as a symbol, every value that is computed
/// from the inputs must have it in exactly one place, the prediction first.
/// </summary>
internal sealed class FreeBatchAxis
{
    private const string Symbol = "batch";

    private readonly Graph graph;
    private readonly long examples;
    private readonly Value[] inputs;
    private readonly HashSet<Value> data; // what is computed from the examples' numbers, not their shapes or types
    private readonly Dictionary<Value, long> outer = [];

    private FreeBatchAxis(Graph graph, IEnumerable<string> inputs, long examples)
    {
        (this.graph, this.examples) = (graph, examples);
        this.inputs = [.. inputs.Select(graph.Get)];
        data = [.. this.inputs];
    }

    /// <summary>Frees the axis, or leaves the graph as it is.</summary>
    /// <param name="graph">A forward graph; it is sorted.</param>
    /// <param name="inputs">Its inputs that hold examples.</param>
    /// <returns>What was found, in words; null where no axis is fixed.</returns>
    public static Finding? Apply(Graph graph, IReadOnlyList<string> inputs)
    {
        Dim[] first = [.. inputs.Select(name => graph.Get(name).Shape is { Rank: > 0 } shape ? shape[0] : Dim.Unknown).Distinct()];
        if (first is not [{ IsKnown: true, Factor: > 0 } batch]) return null;
        string count = NameList.Count((int)batch.Value, "example");
        var trial = graph.Clone();
        if (new FreeBatchAxis(trial, inputs, batch.Value).Obstacle() is { } obstacle)
        {
            return new(
                $"The model was exported for batches of exactly {count}, and {obstacle}: it is trained and run with so many",
                $"For batches of any size export it with dynamic_axes={{'{inputs[0]}': {{0: 'batch'}}}}");
        }
        new FreeBatchAxis(graph, inputs, batch.Value).Obstacle();
        return new($"The model was exported for batches of exactly {count}; nothing in it needs that, and it takes any number of examples here");
    }

    /// <summary>Rewrites the graph. Returns the first thing that stands in the way, in words; null for none.</summary>
    private string? Obstacle()
    {
        foreach (Value value in Walk.Downstream(inputs).Except(inputs)) (value.Shape, value.Elements) = (null, null);
        foreach (Value input in inputs)
        {
            input.Shape = new([Dim.Symbol(Symbol), .. input.Shape!.Skip(1)]);
            outer[input] = 1;
        }
        TopologicalSort.Apply(graph);
        try
        {
            foreach (Node node in graph.Nodes.ToArray())
            {
                bool reads = ReadsExamples(node);
                if (reads && Adapt(node) is { } unfit) return unfit;
                ShapeInference.Infer(node);
                if (!reads) continue;
                foreach (Value output in node.Outputs.OfType<Value>())
                {
                    data.Add(output);
                    if (Follow(node, output) is { } lost) return lost;
                }
            }
        }
        catch (GraphRewriteException e)
        {
            return $"another number does not go through ({e.Message.TrimEnd('.')})";
        }
        Value prediction = graph.Get(PredictionOutput.Of(graph, [])[0].Name);
        return prediction.Shape is { Rank: > 0 } shape && shape[0] == Dim.Symbol(Symbol) ? null : $"'{prediction.Name}' has no row for each example";
    }

    private bool ReadsExamples(Node node) => node.Op != "Shape" && node.Op != "Size"
        && (node.Op == "CastLike" ? data.Contains(node.In(0)) : Walk.Operands(node).Any(data.Contains));

    private string? Adapt(Node node)
    {
        if (node.Op.Domain != OpId.Onnx) return null;
        return node.Op.Type switch
        {
            "Reshape" when data.Contains(node.In(0)) => Reshape(node),
            "Expand" when data.Contains(node.In(0)) => Expand(node),
            "Concat" => Concat(node),
            "LSTM" or "GRU" or "RNN" => DropZeroStates(node),
            _ => null,
        };
    }

    /// <summary>
    /// [s₀, s₁, …] for N examples → the same with −1 where the batch is. Reshaping keeps the order of the elements, hence the number of runs of
    /// elements that the examples are dealt out to in turn (1 where the batch is the first axis): it tells which extent of the result has the batch.
    /// </summary>
    private string? Reshape(Node node)
    {
        Value x = node.In(0);
        if (node.In(1).Contents() is not { } target || data.Contains(node.In(1)) || !target.All(dim => dim.IsKnown)) return null;
        long[] asked = [.. target.Select(dim => dim.Value)];
        if (x.Shape is null || !outer.TryGetValue(x, out long runs)) return Unknown(node);
        long[] before = [.. x.Shape.Select(AtN)];
        if (node.Int("allowzero", 0) == 0) asked = [.. asked.Select((extent, axis) => extent == 0 ? before[axis] : extent)];
        long elements = Product(before), known = Product(asked.Where(extent => extent != -1));
        long[] full = [.. asked.Select(extent => extent == -1 ? elements / known : extent)];
        if (Product(full) != elements || PlaceOf(full, runs) is not { } place) return $"{node} mixes examples";
        // A single extent may be left open: where another was, it is what it comes to for each number of examples.
        if (asked[place] == -1) return null;
        node.SetInput(1, graph.AddInitializer($"{node.Name}/shape", Tensor.Vector([.. full[..place], -1L, .. full[(place + 1)..]])));
        return null;
    }

    private int? PlaceOf(long[] extents, long runs)
    {
        int? merged = null, exact = null;
        long prefix = 1;
        for (int axis = 0; axis < extents.Length && prefix <= runs; axis++)
        {
            if (prefix == runs && extents[axis] % examples == 0)
            {
                exact = extents[axis] == examples ? axis : exact ?? axis;
                if (extents[axis] == examples) break;
            }
            else if (runs % prefix == 0 && extents[axis] % (runs / prefix * examples) == 0) merged ??= axis;
            prefix *= extents[axis];
        }
        return exact ?? merged;
    }

    /// <summary>Expanding to N where there are N already is expanding to 1.</summary>
    private string? Expand(Node node)
    {
        Value x = node.In(0);
        if (node.In(1).Contents() is not { } target || data.Contains(node.In(1)) || !target.All(dim => dim.IsKnown)) return null;
        if (x.Shape is not { } shape) return Unknown(node);
        int axis = AxisOf(shape) - shape.Rank + target.Count;
        long[] asked = [.. target.Select(dim => dim.Value)];
        if (axis < 0 || asked[axis] == 1) return null;
        if (asked[axis] != examples) return $"{node} mixes examples";
        asked[axis] = 1;
        node.SetInput(1, graph.AddInitializer($"{node.Name}/shape", Tensor.Vector(asked)));
        return null;
    }

    /// <summary>What stands beside each example and is the same for all: expanded to as many as there are.</summary>
    private string? Concat(Node node)
    {
        Value like = node.Inputs.OfType<Value>().First(data.Contains);
        if (like.Shape is not { } shape) return Unknown(node);
        int axis = AxisOf(shape);
        for (int i = 0; i < node.Inputs.Count; i++)
        {
            if (node.In(i) is not { } part || data.Contains(part)) continue;
            if (part.Shape is not { IsStatic: true } own || own.Rank != shape.Rank) return Unknown(node);
            if (own[axis].Value != examples) return $"{node} mixes examples";
            Value single = part;
            if (part.Producer is { Op: { Domain: OpId.Onnx, Type: "Expand" } } expand
                && expand.In(0).Shape is { } from && (from.Rank + axis < shape.Rank || from[axis - shape.Rank + from.Rank] == 1))
            {
                single = expand.In(0);
            }
            else if (examples != 1) return $"{node} has '{part.Name}' {own} beside the examples";
            using OpBuilder op = graph.BuildBefore(node, $"{node.Name}/batch");
            Value rows = op.Slice(op.Shape(like), [0], [axis], [axis + 1]);
            Value target = op.Concat(0, [.. Ints(own.Take(axis)), rows, .. Ints(own.Skip(axis + 1))]);
            Value expanded = op.Expand(single, target);
            node.SetInput(i, expanded);
            data.Add(expanded);
            outer[expanded] = Product(own.Take(axis).Select(dim => dim.Value));

            IEnumerable<Value> Ints(IEnumerable<Dim> dims) => dims.Any() ? [op.Ints([.. dims.Select(dim => dim.Value)])] : [];
        }
        return null;
    }

    /// <summary>Initial states of zeros are what a recurrent layer begins with where none are given.</summary>
    private string? DropZeroStates(Node node)
    {
        foreach (int i in new[] { 5, 6 })
        {
            if (node.InOrNull(i) is not { } state || data.Contains(state)) continue;
            if (!IsZero(state)) return $"{node} has initial states for {examples}";
            node.SetInput(i, null);
        }
        return null;
    }

    private static bool IsZero(Value value) => value.Initializer is { } tensor ? tensor.ToDouble().All(number => number == 0)
        : value.Producer is { } node && (node.Op == "ConstantOfShape" ? node.TensorAttribute("value") is not { } fill || fill.ToDouble()[0] == 0
            : node.Op == "Expand" && IsZero(node.In(0)));

    /// <summary>Where the batch is in a value that a node has made.</summary>
    private string? Follow(Node node, Value output)
    {
        if (!output.IsUsed) return null;
        if (output.Shape is not { } shape) return Unknown(node);
        int[] axes = [.. Enumerable.Range(0, shape.Rank).Where(axis => HasBatch(shape[axis]))];
        if (axes is not [int place] || shape.Take(place).Any(dim => !dim.IsKnown)) return $"{node} mixes examples";
        long runs = Product(shape.Take(place).Select(dim => dim.Value));
        if (shape[place] == Dim.Symbol(Symbol)) outer[output] = runs;
        else if ((node.Op == "Reshape" || node.Op == "Flatten") && outer.TryGetValue(node.In(0), out long kept)) outer[output] = kept;
        else
        {
            // Merged with another axis, whose order towards the batch is that of the input that has it too.
            Value? same = node.Inputs.OfType<Value>().FirstOrDefault(
                input => outer.ContainsKey(input) && input.Shape is { } from && from.Any(dim => dim == shape[place]));
            if (same is null) return $"{node} mixes examples";
            Shape before = same.Shape!;
            int at = Enumerable.Range(0, before.Rank).First(axis => before[axis] == shape[place]);
            if (!before.Take(at).All(dim => dim.IsKnown)) return $"{node} mixes examples";
            outer[output] = runs * (outer[same] / Product(before.Take(at).Select(dim => dim.Value)));
        }
        return null;
    }

    private static bool HasBatch(Dim dim) => dim.IsUnknown || dim.Symbols?.Split('*').Contains(Symbol) == true;

    private static int AxisOf(Shape shape) => Enumerable.Range(0, shape.Rank).First(axis => HasBatch(shape[axis]));

    private long AtN(Dim dim) => dim.Bind(new Dictionary<string, long> { [Symbol] = examples }) is { IsKnown: true } bound ? bound.Value
        : throw graph.Refuse($"the extent {dim} is open beside the batch");

    private static long Product(IEnumerable<long> extents) => extents.Aggregate(1L, (product, extent) => checked(product * extent));

    private static string Unknown(Node node) => $"the shapes behind {node} are not known";
}
