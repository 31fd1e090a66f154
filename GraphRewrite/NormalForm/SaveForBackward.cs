using GraphRewrite.IR;

namespace GraphRewrite.NormalForm;

/// <summary>
/// Operators in the form that saves what their gradient reads: BatchNormalization → BatchNormInternal, LayerNormalization with Mean and InvStdDev,
/// MaxPool with Indices, Dropout with its mask, SoftmaxCrossEntropyLoss with log_prob.
/// </summary>
internal static class SaveForBackward
{
    public static void Apply(Graph graph, BatchNormMode batchNorm)
    {
        foreach (Node node in graph.Nodes.ToArray())
        {
            if (node.Op.Domain != OpId.Onnx) continue;
            switch (node.Op.Type)
            {
                case "BatchNormalization" when IsTrained(node, batchNorm):
                    Internal(graph, node);
                    break;
                case "BatchNormalization":
                    node.SetAttribute("training_mode", 0);
                    node.TrimOutputs(1);
                    break;
                case "LayerNormalization":
                    Save(graph, node, 1, "saved_mean", ElementType.Float);
                    Save(graph, node, 2, "saved_inv_std_var", ElementType.Float);
                    break;
                case "MaxPool":
                    Save(graph, node, 1, "mask", ElementType.Int64);
                    break;
                case "Dropout":
                    Save(graph, node, 1, "mask", ElementType.Bool);
                    break;
                case "SoftmaxCrossEntropyLoss":
                    Save(graph, node, 1, "log_prob", node.In(0).Type);
                    break;
            }
        }
    }

    /// <summary>Computed statistics (of a standardized weight) are the model's own: such a node stays as it is written.</summary>
    private static bool IsTrained(Node node, BatchNormMode mode)
    {
        bool stored = node.In(3).Producer is null && node.In(4).Producer is null;
        return stored ? mode == BatchNormMode.Train : node.Int("training_mode", 0) != 0;
    }

    private static void Internal(Graph graph, Node node)
    {
        Node? next = node.Place!.Next?.Value;
        (Value?[] inputs, Value?[] outputs) = ([.. node.Inputs], [.. node.Outputs]);
        (float epsilon, float momentum) = (node.Float("epsilon", 1e-5f), node.Float("momentum", 0.9f));
        for (int i = 0; i < outputs.Length; i++) node.SetOutput(i, null);
        graph.Remove(node);

        Node trained = graph.AddNode("com.microsoft::BatchNormInternal", node.Name, inputs, next);
        trained.SetAttribute("epsilon", epsilon);
        trained.SetAttribute("momentum", momentum);
        trained.SetAttribute("training_mode", 1);
        for (int i = 0; i < outputs.Length; i++) trained.SetOutput(i, outputs[i]);
        string[] names = ["", "running_mean", "running_var", "saved_mean", "saved_inv_std"];
        for (int i = 1; i < names.Length; i++) Save(graph, trained, i, names[i], trained.In(0).Type);
    }

    private static void Save(Graph graph, Node node, int output, string name, ElementType type)
    {
        if (node.OutOrNull(output) is null) node.SetOutput(output, graph.NewValue($"{node.Out(0).Name}_{name}", type));
    }
}
