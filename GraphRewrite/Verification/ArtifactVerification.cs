using GraphRewrite.Artifacts;
using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.Serialization;

namespace GraphRewrite.Verification;

/// <summary>The whole proof for two folders of artifacts: the copied files, the structure, the numbers.</summary>
public static class ArtifactVerification
{
    /// <summary>Compares two folders.</summary>
    /// <param name="before">The folder as it was.</param>
    /// <param name="after">The rewritten one.</param>
    /// <param name="runner">Runs graphs.</param>
    /// <param name="makeRunnable">Turns a training graph into one that the runner knows all operators of.</param>
    /// <param name="lambda">The λ that is expected; null: the recorded one.</param>
    /// <exception cref="GraphRewriteException">A folder or a training model is missing or unreadable.</exception>
    public static VerificationReport Run(string before, string after, IGraphRunner runner, Func<Model, Model> makeRunnable, double? lambda = null) =>
        Stage.Verification.During(() => Prove(before, after, runner, makeRunnable, lambda));

    private static VerificationReport Prove(string before, string after, IGraphRunner runner, Func<Model, Model> makeRunnable, double? lambda)
    {
        VerificationCheck files = CopiedFiles.Compare(before, after);
        (Model plain, Model rewritten) = Both.Of(
            () => OnnxReader.Read(Path.Combine(before, ArtifactFiles.Training)), () => OnnxReader.Read(Path.Combine(after, ArtifactFiles.Training)));
        StructuralVerification structure = StructuralVerification.Run(plain, rewritten, lambda);
        return new VerificationReport([files]) + structure.Report + new NumericalVerification(runner, makeRunnable).Run(plain, rewritten, structure);
    }
}
