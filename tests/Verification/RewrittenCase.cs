using GraphRewrite.IR;
using GraphRewrite.IR.Shapes;
using GraphRewrite.Kernels;
using GraphRewrite.Lowering;
using GraphRewrite.Opsets;
using GraphRewrite.Passes;
using GraphRewrite.Serialization;
using GraphRewrite.Serialization.Protos;
using GraphRewrite.TrAct;
using GraphRewrite.Verification;
using TrActOnnx.Tests.TrAct;
using TrainingHost.Runtime;

namespace TrActOnnx.Tests.Verification;

/// <summary>The training graph of a case as it was and as the rewrite leaves it in a file.</summary>
internal sealed class RewrittenCase
{
    public RewrittenCase(string name, TrActForm form = TrActForm.Automatic, double lambda = 0.1, params string[] layers)
    {
        (Before, TrActOptions options, _) = FirstLayerTests.Artifact(name);
        (Model after, _, _) = FirstLayerTests.Artifact(name);
        TrActRewrite.Apply(after, options with { Form = form, Lambda = lambda, Layers = layers });
        ExpandTrAct.Apply(after.Graph);
        After = Stored(after);
    }

    public Model Before { get; }

    public Model After { get; }

    public StructuralVerification Structure(double? lambda = null) => StructuralVerification.Run(Before, After, lambda);

    public VerificationReport Numbers(params long[] batches)
    {
        var numbers = new NumericalVerification(new OrtGraphRunner(), MakeRunnable);
        Trial[] trials = [.. batches.Select(batch => new Trial(batch))];
        if (batches.Length > 0) numbers = new(new OrtGraphRunner(), MakeRunnable) { Trials = trials };
        return numbers.Run(Before, After, Structure());
    }

    /// <summary>The same, of one batch, and so many bytes of gradients at once.</summary>
    public VerificationReport NumbersInParts(IGraphRunner runner, long? bytes) =>
        new NumericalVerification(runner, MakeRunnable) { Trials = [new(6)], BytesTogether = bytes }.Run(Before, After, Structure());

    public static Model Stored(Model model) => OnnxReader.Read(ModelProto.Parser.ParseFrom(OnnxWriter.ToBytes(model)), model.Graph.Name);

    public static Model MakeRunnable(Model model)
    {
        UpgradeOpset.Apply(model.Graph);
        ShapeInference.Apply(model.Graph);
        LowerTrainingOps.Apply(model.Graph, LoweringTarget.Cpu);
        RemoveUnusedNodes.Apply(model.Graph);
        return model;
    }
}
