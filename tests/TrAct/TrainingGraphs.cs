using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.TrAct;
using TrActOnnx.Tests.Verification;

namespace TrActOnnx.Tests.TrAct;

/// <summary>Small training graphs in ONNX Runtime's dialect: inputs x, Y_grad and parameters; outputs Y and the gradients P_grad.</summary>
internal static class TrainingGraphs
{
    public static TrActOptions Options(double lambda = 0.1, params string[] trainable) =>
        new() { Lambda = lambda, UserInputs = ["x"], Trainable = trainable.Length == 0 ? ["W"] : trainable };

    /// <summary>One layer and its weight gradient, dY fed from outside.</summary>
    public static Model OneLayer(ClosedFormVector vector, long opset = 21)
    {
        Model model = Empty(opset);
        Graph graph = model.Graph;
        Value x = graph.AddInput("x", ElementType.Float, Batched(vector.X));
        Value dY = graph.AddInput("Y_grad", ElementType.Float, Batched(vector.DY));
        Value w = graph.AddInput("W", ElementType.Float, Shape.From(vector.ExpectedInLayout().Dims));
        using OpBuilder op = graph.BuildAtEnd("layer");
        Output(vector.Forward(op, x, w), "Y");
        Output(vector.Op switch
        {
            "Conv" => ConvGrad(op, dY, x, w, vector.ConvAttributes()),
            "Gemm" => op.Gemm(dY, x, transA: true),
            _ => op.Gemm(op.Reshape(x, -1, vector.N), op.Reshape(dY, -1, vector.M), transA: true),
        }, "W_grad");
        return model;
    }

    public static Model Empty(long opset = 17) => new(new Graph("training", new Dictionary<string, long> { [""] = opset, ["com.microsoft"] = 1 }));

    public static Value ConvGrad(OpBuilder op, Value dY, Value x, Value w, params (string, object)[] attributes)
    {
        Node node = op.Graph.AddNode("com.microsoft::ConvGrad", $"{op.Prefix}/ConvGrad", [dY, x, w]);
        foreach ((string name, object value) in attributes) node.SetAttribute(name, value);
        Value dW = op.Graph.NewValue("dW", w.Type, w.Shape);
        node.SetOutput(1, dW);
        return dW;
    }

    public static void Output(Value value, string name)
    {
        value.Graph.Rename(value, name);
        value.Type = ElementType.Float;
        value.Graph.MarkOutput(value);
    }

    private static Shape Batched(Tensor tensor) => Shape.From(tensor.Dims).With(0, Dim.Symbol("batch"));
}
