using GraphRewrite.IR;

namespace GraphRewrite.NormalForm;

/// <summary>Dropout whose mode is absent or stored as false gets the mode of training; a computed one is the model's own.</summary>
internal static class TrainDropout
{
    public static void Apply(Graph graph)
    {
        foreach (Node node in graph.Nodes.Where(node => node.Op == "Dropout"))
        {
            if (node.InOrNull(2) is not { } mode || (mode.Initializer is not null && mode.Elements is [var isTraining] && isTraining == 0))
                node.SetInput(2, graph.AddInitializer($"{node.Out(0).Name}_training_mode", Tensor.Scalar(true)));
        }
    }
}
