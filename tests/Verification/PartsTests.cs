using System.Runtime.InteropServices;
using GraphRewrite.IR;
using GraphRewrite.Verification;
using TrainingHost.Runtime;

namespace TrActOnnx.Tests.Verification;

/// <summary>The gradients of a large model are compared a few at a time.</summary>
[TestClass]
public sealed class PartsTests
{
    [TestMethod]
    [DataRow("lenet")]
    [DataRow("siamese")]
    public void PartsShowWhatTheWholeShows(string name)
    {
        var rewritten = new RewrittenCase(name);
        CountingRunner whole = new(), parts = new();
        VerificationReport together = rewritten.NumbersInParts(whole, null), apart = rewritten.NumbersInParts(parts, 1);
        Assert.IsTrue(together.Holds && apart.Holds, $"{together}\n{apart}");
        CollectionAssert.AreEqual(
            together.Checks.Select(check => check.Claim).ToArray(), apart.Checks.Select(check => check.Claim).ToArray());
        int parameters = ParameterGradients.Of(rewritten.Before.Graph).Count;
        Assert.AreEqual(2, whole.Opened.Count, "One session of each graph.");
        Assert.AreEqual(2 * parameters, parts.Opened.Count, "The layer's own gradient, and each of the others.");
        Assert.AreEqual(2 * (parameters - 1), parts.Opened.Count(outputs => outputs.Length == 1));
    }

    [TestMethod]
    [DataRow(null)]
    [DataRow(1L)]
    public void AGradientThatDiffersIsNamed(long? bytes)
    {
        var rewritten = new RewrittenCase("lenet");
        string parameter = ParameterGradients.Of(rewritten.Before.Graph)[^1].Parameter;
        string gradient = ParameterGradients.Of(rewritten.Before.Graph)[^1].Gradient.Name;
        VerificationReport report = rewritten.NumbersInParts(new CountingRunner { Changed = gradient }, bytes);
        Assert.IsFalse(report.Holds);
        StringAssert.Contains(report.ToString(), $"the gradient of '{parameter}' deviates by ", StringComparison.Ordinal);
    }

    /// <summary>Says which outputs each session has, and may add the session's number to one of them.</summary>
    private sealed class CountingRunner : IGraphRunner
    {
        private readonly OrtGraphRunner runner = new();

        public string? Changed { get; init; }

        public List<string[]> Opened { get; } = [];

        public IGraphSession Open(Model model)
        {
            lock (Opened)
            {
                Opened.Add([.. model.Graph.Outputs.Select(output => output.Name)]);
                return new Session(runner.Open(model), Changed, Opened.Count);
            }
        }

        private sealed class Session(IGraphSession session, string? changed, int number) : IGraphSession
        {
            public IReadOnlyDictionary<string, Tensor> Run(IReadOnlyDictionary<string, Tensor> feeds) =>
                session.Run(feeds).ToDictionary(output => output.Key, output => output.Key == changed ? Changed(output.Value) : output.Value);

            public void Dispose() => session.Dispose();

            private Tensor Changed(Tensor value)
            {
                byte[] data = value.Data.ToArray();
                MemoryMarshal.Cast<byte, float>(data.AsSpan())[0] += number;
                return new(value.Type, value.Dims, data);
            }
        }
    }
}
