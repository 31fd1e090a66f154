using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.IR.Shapes;
using GraphRewrite.StepGraphs;
using GraphRewrite.TrAct;
using TrainingHost.Reporting;

namespace TrainingHost.Models;

/// <summary>The training graph around its first layer, before TrAct and after, to be drawn: the layer, and what makes its weight gradient.</summary>
internal static class FirstLayerDrawing
{
    private static readonly HashSet<string> Products = ["Conv", "ConvGrad", "Gemm", "MatMul", "FusedMatMul", "Einsum"];

    /// <param name="training">The training graph; it stays as it is.</param>
    /// <param name="layers">The layers that TrAct is asked into; empty: the first.</param>
    /// <exception cref="GraphRewriteException">TrAct cannot go there, or is there already.</exception>
    public static IReadOnlyList<DrawnGraph> Of(TrainingGraph training, IReadOnlyList<string> layers)
    {
        TrainingGraph before = training.Clone(), after = training.Clone();
        ShapeInference.Apply(before.Graph);
        RewriteReport report = TrActRewrite.Apply(
            after.Model, new() { Layers = layers, UserInputs = after.UserInputs, Trainable = after.Trainable });
        ShapeInference.Apply(after.Graph);
        HashSet<string> known = [.. before.Graph.Nodes.Select(node => node.Name)];
        RewrittenLayer[] rewritten = [.. report.Layers];
        string title = string.Join(", ", rewritten.Select(layer => $"{layer.Kind} '{layer.Node}'").Distinct());
        var plain = new Selection(before, rewritten, _ => false);
        var changed = new Selection(after, rewritten, node => !known.Contains(node.Name));
        return [plain.Drawn($"{title}: plain"), changed.Drawn(FormattableString.Invariant($"with TrAct, λ = {report.Lambda}"))];
    }

    /// <summary>The nodes of one graph that are drawn, as boxes and edges.</summary>
    private sealed class Selection
    {
        private readonly TrainingGraph training;
        private readonly RewrittenLayer[] layers;
        private readonly Func<Node, bool> isNew;
        private readonly List<DrawnBox> boxes = [];
        private readonly List<DrawnEdge> edges = [];
        private readonly Dictionary<object, int> numbers = [];
        private readonly HashSet<Node> chosen;
        private readonly HashSet<Value> downstream = [];

        public Selection(TrainingGraph training, RewrittenLayer[] layers, Func<Node, bool> isNew)
        {
            (this.training, this.layers, this.isNew) = (training, layers, isNew);
            IEnumerable<Node> inserted = training.Graph.Nodes.Where(isNew);
            chosen = [.. training.Graph.Nodes.Where(node => layers.Any(layer => layer.Node == node.Name)), .. inserted];
            Follow(chosen.Where(node => !isNew(node)).SelectMany(node => node.Outputs.OfType<Value>()));
            foreach (Value gradient in layers.Select(layer => training.Graph.Get(layer.Gradient)))
                if (gradient.Producer is { } producer) chosen.Add(producer);
            // What makes the plain gradient that the new one starts from.
            foreach (Node source in inserted.SelectMany(node => node.Inputs.OfType<Value>()).Select(value => value.Producer).OfType<Node>().ToArray())
                if (downstream.Overlaps(source.Outputs.OfType<Value>()) && IsGradient(source)) chosen.Add(source);
        }

        public DrawnGraph Drawn(string title)
        {
            foreach (Node node in chosen) Number(node, () => new(node.Op.Type, node.Name, KindOf(node)));
            foreach (Node node in chosen)
            {
                bool isLayer = layers.Any(layer => layer.Node == node.Name);
                foreach (Value input in node.Inputs.OfType<Value>().Distinct())
                    if (Source(input, isLayer) is { } from) Add(from, numbers[node], input);
                foreach (Value output in isLayer ? node.Outputs.OfType<Value>() : [])
                    if (output.Uses.Any(use => !chosen.Contains(use.Node))) Add(numbers[node], Rest(), output);
            }
            foreach (Value gradient in layers.Select(layer => training.Graph.Get(layer.Gradient)).Distinct())
                Add(numbers[gradient.Producer!], Number((gradient, "end"), () => new(gradient.Name, "to the optimizer", BoxKind.Value)), gradient);
            return new(title, boxes, edges);
        }

        private static bool IsGradient(Node node) =>
            node.Outputs.OfType<Value>().Any(value => value.Name.EndsWith(".plain", StringComparison.Ordinal));

        /// <summary>
        /// The box that a value comes from; null for constants. What leads from one layer to another is a value of its own: else there were a circle.
        /// </summary>
        private int? Source(Value value, bool ofLayer)
        {
            if (value.Producer is { } producer)
            {
                if (numbers.TryGetValue(producer, out int known)) return known;
                if (downstream.Contains(value) && !ofLayer) return Rest();
                return producer.Op == "Constant" ? null : Number(value, () => new(value.Name, $"from {producer.Op}", BoxKind.Value));
            }
            if (value.Name == TrActNames.Lambda) return Number(value, () => new("λ", value.Name, BoxKind.Value));
            if (training.Trainable.Contains(value.Name)) return Number(value, () => new(value.Name, "parameter", BoxKind.Value));
            if (training.UserInputs.Contains(value.Name)) return Number(value, () => new(value.Name, "input", BoxKind.Value));
            return value.IsGraphInput ? Number(value, () => new(value.Name, "frozen", BoxKind.Value)) : null;
        }

        private int Rest() => Number("rest", () => new("…", "other layers and the loss", BoxKind.Rest));

        private BoxKind KindOf(Node node) => isNew(node) ? BoxKind.Replaced : Products.Contains(node.Op.Type) ? BoxKind.Product : BoxKind.Operator;

        private int Number(object key, Func<DrawnBox> box)
        {
            if (numbers.TryGetValue(key, out int known)) return known;
            boxes.Add(box());
            return numbers[key] = boxes.Count - 1;
        }

        private void Add(int from, int to, Value value)
        {
            if (from == to) return;
            string label = value.Shape is not { } shape ? "" : shape.Rank == 0 ? "scalar" : $"{shape}";
            int known = edges.FindIndex(edge => (edge.From, edge.To) == (from, to));
            if (known < 0) edges.Add(new(from, to, label));
            else if (edges[known].Label != label) edges[known] = edges[known] with { Label = $"{edges[known].Label}, {label}" };
        }

        private void Follow(IEnumerable<Value> from)
        {
            var open = new Stack<Value>(from);
            while (open.TryPop(out Value? value))
            {
                if (!downstream.Add(value)) continue;
                foreach (Value next in value.Uses.SelectMany(use => use.Node.Outputs.OfType<Value>())) open.Push(next);
            }
        }
    }
}
