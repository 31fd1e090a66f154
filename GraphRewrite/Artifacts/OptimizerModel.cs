using System.Globalization;
using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.Optimizers;
using GraphRewrite.Serialization;

namespace GraphRewrite.Artifacts;

/// <summary>optimizer_model.onnx: one node, AdamWOptimizer or SGDOptimizerV2, over sequences of tensors.</summary>
internal static class OptimizerModel
{
    /// <exception cref="GraphRewriteException">The file holds another optimizer.</exception>
    public static OptimizerSettings Read(string path)
    {
        Graph graph = OnnxReader.Read(path).Graph;
        foreach (Node node in graph.Nodes)
        {
            switch (node.Op.Type)
            {
                case "SGDOptimizerV2":
                    return new SgdSettings();
                case "AdamWOptimizer":
                    return new AdamWSettings
                    {
                        Beta1 = Decimal(node.Float("alpha", 0.9f)),
                        Beta2 = Decimal(node.Float("beta", 0.999f)),
                        Epsilon = Decimal(node.Float("epsilon", 1e-8f)),
                        WeightDecay = Decimal(node.Float("weight_decay", 0.01f)),
                        CorrectBias = node.Int("correct_bias", 1) != 0,
                        Mode = (AdamMode)node.Int("adam_mode", 0),
                    };
            }
        }
        string found = string.Join(", ", graph.Nodes.Select(node => node.Op).Distinct());
        throw new GraphRewriteException(
            new Finding($"has no optimizer this program knows (AdamWOptimizer or SGDOptimizerV2); it has {found}") { Place = new() { File = path } });
    }

    /// <summary>The model as generate_artifacts writes it. SGD's momentum and weight decay have no place in it.</summary>
    public static Model Of(OptimizerSettings settings)
    {
        var graph = new Graph("optimizer", new Dictionary<string, long> { [OpId.Microsoft] = 1, [OpId.Onnx] = 17 });
        List<Value> inputs = [graph.AddInput("learning_rate", ElementType.Float, Shape.Of(1))];
        if (settings is AdamWSettings) inputs.Add(graph.AddInput("step", ElementType.Int64, Shape.Of(1)));
        inputs.AddRange([Tensors(graph, "params"), Tensors(graph, "gradients")]);
        Value moments = Tensors(graph, "first_order_moments"); // 1.19.2 declares them for SGD too, and gives them
        if (settings is AdamWSettings) inputs.AddRange([moments, Tensors(graph, "second_order_moments")]);

        Node node = graph.AddNode(new(OpId.Microsoft, settings is AdamWSettings ? "AdamWOptimizer" : "SGDOptimizerV2"), "optimizer", inputs);
        if (settings is AdamWSettings adamW)
        {
            node.SetAttribute("alpha", (float)adamW.Beta1);
            node.SetAttribute("beta", (float)adamW.Beta2);
            node.SetAttribute("epsilon", (float)adamW.Epsilon);
            node.SetAttribute("weight_decay", (float)adamW.WeightDecay);
            node.SetAttribute("adam_mode", (long)adamW.Mode);
            node.SetAttribute("correct_bias", adamW.CorrectBias);
        }
        Value flag = graph.NewValue("updated_flag", ElementType.Bool, Shape.Of(1));
        node.SetOutput(0, flag);
        graph.MarkOutput(flag);
        return new(graph);
    }

    /// <summary>A sequence of float tensors.</summary>
    private static Value Tensors(Graph graph, string name)
    {
        Value sequence = graph.AddInput(name, ElementType.Undefined, null);
        sequence.SequenceOf = ElementType.Float;
        return sequence;
    }

    /// <summary>The number that was meant: 0.999, not the nearest float's 0.99900001287.</summary>
    private static double Decimal(float value) => double.Parse(value.ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
