using System.Globalization;
using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.Serialization;
using GraphRewrite.Training;

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
        throw new GraphRewriteException($"{path}: has no optimizer this program knows (AdamWOptimizer or SGDOptimizerV2); it has {string.Join(", ", graph.Nodes.Select(node => node.Op).Distinct())}.");
    }

    /// <summary>The number that was meant: 0.999, not the nearest float's 0.99900001287.</summary>
    private static double Decimal(float value) => double.Parse(value.ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
