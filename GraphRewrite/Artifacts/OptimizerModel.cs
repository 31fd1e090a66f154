using System.Globalization;
using Google.Protobuf;
using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.Optimizers;
using GraphRewrite.Protos;
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
        throw new GraphRewriteException($"{path}: has no optimizer this program knows (AdamWOptimizer or SGDOptimizerV2); it has {string.Join(", ", graph.Nodes.Select(node => node.Op).Distinct())}.");
    }

    /// <summary>The model as generate_artifacts writes it. SGD's momentum and weight decay have no place in it.</summary>
    public static byte[] ToBytes(OptimizerSettings settings)
    {
        var node = new NodeProto { OpType = settings is AdamWSettings ? "AdamWOptimizer" : "SGDOptimizerV2", Domain = OpId.Microsoft, Name = "optimizer" };
        string[] sequences = settings is AdamWSettings ? ["params", "gradients", "first_order_moments", "second_order_moments"] : ["params", "gradients"];
        node.Input.AddRange(["learning_rate", .. settings is AdamWSettings ? new[] { "step" } : [], .. sequences]);
        node.Output.Add("updated_flag");
        if (settings is AdamWSettings adamW)
        {
            node.Attribute.AddRange([
                FloatAttribute("alpha", adamW.Beta1), FloatAttribute("beta", adamW.Beta2), FloatAttribute("epsilon", adamW.Epsilon), FloatAttribute("weight_decay", adamW.WeightDecay),
                IntAttribute("adam_mode", (long)adamW.Mode), IntAttribute("correct_bias", adamW.CorrectBias ? 1 : 0)]);
        }

        var graph = new GraphProto { Name = "optimizer" };
        graph.Node.Add(node);
        graph.Input.Add(Info("learning_rate", TensorType(ElementType.Float, 1)));
        if (settings is AdamWSettings) graph.Input.Add(Info("step", TensorType(ElementType.Int64, 1)));
        // 1.19.2 declares the first moments of SGD too, and gives them.
        foreach (string name in settings is AdamWSettings ? sequences : [.. sequences, "first_order_moments"]) graph.Input.Add(Info(name, SequenceType()));
        graph.Output.Add(Info("updated_flag", TensorType(ElementType.Bool, 1)));
        var model = new ModelProto { IrVersion = 10, ProducerName = "TrAct.Onnx", Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = OpId.Microsoft, Version = 1 });
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = OpId.Onnx, Version = 17 });
        return model.ToByteArray();
    }

    private static AttributeProto FloatAttribute(string name, double value) => new() { Name = name, Type = AttributeProto.Types.AttributeType.Float, F = (float)value };

    private static AttributeProto IntAttribute(string name, long value) => new() { Name = name, Type = AttributeProto.Types.AttributeType.Int, I = value };

    private static ValueInfoProto Info(string name, TypeProto type) => new() { Name = name, Type = type };

    private static TypeProto TensorType(ElementType type, long extent)
    {
        var shape = new TensorShapeProto();
        shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = extent });
        return new() { TensorType = new() { ElemType = (int)type, Shape = shape } };
    }

    private static TypeProto SequenceType() => new() { SequenceType = new() { ElemType = new() { TensorType = new() { ElemType = (int)ElementType.Float } } } };

    /// <summary>The number that was meant: 0.999, not the nearest float's 0.99900001287.</summary>
    private static double Decimal(float value) => double.Parse(value.ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
