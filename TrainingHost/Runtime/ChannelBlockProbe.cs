using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.Serialization;
using Microsoft.ML.OnnxRuntime;

namespace TrainingHost.Runtime;

/// <summary>
/// How many channels ONNX Runtime puts into a block of its NCHWc layout on this machine. It says so only by what it does: it is given a Conv with a
/// constant weight of 8 outputs, and the optimized model's weight has them padded to a block.
/// </summary>
internal static class ChannelBlockProbe
{
    /// <summary>Channels in a block; 0 where the runtime has no such kernels. Opens a session.</summary>
    public static int Run()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("tract-probe-");
        try
        {
            string optimized = Path.Combine(folder.FullName, "optimized.onnx");
            using (var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, IntraOpNumThreads = 1 })
            {
                options.OptimizedModelFilePath = optimized;
                Sessions.Open(Convolution(), options).Dispose();
            }
            Node? conv = OnnxReader.Read(optimized).Graph.Nodes.FirstOrDefault(node => node.Op == $"{OpId.Nchwc}::Conv");
            return conv?.In(1).Shape is { IsStatic: true } weight ? (int)weight[0].Value : 0;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static Model Convolution()
    {
        var graph = new Graph("probe", new Dictionary<string, long> { [OpId.Onnx] = 17 });
        Value x = graph.AddInput("X", ElementType.Float, Shape.Of(1, 3, 8, 8));
        using (OpBuilder op = graph.BuildAtEnd("probe"))
            graph.MarkOutput(op.Op("Conv", [x, op.Constant(Tensor.Filled(ElementType.Float, [8, 3, 3, 3], 1))]));
        return new Model(graph) { IrVersion = 8 };
    }
}
