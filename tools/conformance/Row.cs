using System.Globalization;
using GraphRewrite.Artifacts;
using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using TrActOnnx.Tests;
using TrActOnnx.Tests.Peers;
using TrainingHost.Commands;

namespace Conformance;

internal enum ArtifactsKind
{
    Generated,
    GeneratedTrAct,
    Ours,
    OursTrAct,
}

/// <summary>One case's artifacts of one kind, on both runtimes.</summary>
internal sealed class Row(ReferenceCase reference, ArtifactsKind kind, Reasons reasons)
{
    /// <summary>The one rate of the genuine runtime in Node.</summary>
    private const double NodeRate = 0.001;

    /// <summary>Entries whose first gradient is below this part of the model's largest are not compared after AdamW.</summary>
    private const double Moved = 1e-3;

    private bool HasTrAct => kind is ArtifactsKind.GeneratedTrAct or ArtifactsKind.OursTrAct;

    private bool IsOurs => kind is ArtifactsKind.Ours or ArtifactsKind.OursTrAct;

    private string Truths => HasTrAct ? "tract" : "plain";

    public static string Title(ArtifactsKind kind) => kind switch
    {
        ArtifactsKind.Generated => "1.19.2's",
        ArtifactsKind.GeneratedTrAct => "1.19.2's, TrAct",
        ArtifactsKind.Ours => "ours",
        _ => "ours, TrAct",
    };

    /// <summary>Figures or reasons.</summary>
    public IReadOnlyList<string> Cells()
    {
        using var folder = new TemporaryFolder();
        if (Made(folder) is not { } artifacts) return [.. Enumerable.Repeat(reasons["there are no artifacts of 1.19.2 for this case"], 6)];
        bool adam = IsOurs || reference.Optimizer == "AdamW";
        // Ours are always made for AdamW at the rate of Node: PyTorch's run is the same one where the case was trained so.
        bool isTruth = !IsOurs || (reference.Optimizer == "AdamW" && reference.LearningRate == NodeRate);
        StockRun here = StockRun.Of(artifacts, reference.Batches, IsOurs ? NodeRate : reference.LearningRate, HasTrAct);
        string[] stock = Truth(here.Losses, here.AfterStep[^1]);
        if (!adam)
        {
            string sgd = reasons["the build of 1.19.2 for Node has no SGDOptimizerV2"];
            return [sgd, sgd, .. stock, sgd, sgd];
        }
        if (!IsOurs && reference.LearningRate != NodeRate) throw new InvalidOperationException($"{reference.Name}: AdamW at {reference.LearningRate}");
        try
        {
            GenuineRun there = OrtTrainingNode.Train(artifacts, reference.Batches);
            string[] genuine = Truth(there.Losses, there.Parameters);
            // A run for each number of steps: that build hangs in some graphs where its parameters are asked for between two steps.
            double each = Enumerable.Range(1, reference.Steps).Max(steps => Deviation(
                here.AfterStep[steps - 1],
                steps == reference.Steps ? there.Parameters : OrtTrainingNode.Train(artifacts, [.. reference.Batches.Take(steps)]).Parameters));
            ArtifactFolder.Write(here.AfterFirst, folder.File("first"));
            GenuineRun goneOn = OrtTrainingNode.Train(folder.File("first"), [.. reference.Batches.Skip(1)]);
            return [.. genuine, .. stock, Figure(each), Losses([.. here.Losses.Skip(1)], goneOn.Losses)];
        }
        catch (Exception e) when (e is InvalidOperationException or TimeoutException)
        {
            string why = reasons[$"1.19.2 in Node: {e.Message[(e.Message.LastIndexOf(": ", StringComparison.Ordinal) + 2)..].Trim()}"];
            return [why, why, .. stock, why, why];
        }

        string[] Truth(IReadOnlyList<double> losses, IReadOnlyDictionary<string, Tensor> parameters)
        {
            if (isTruth) return [Losses(reference.Truth($"{Truths}/losses")!.ToDouble(), losses), AfterLast(parameters)];
            string other = reasons["PyTorch trained the case otherwise than by AdamW at 0.001, and Node has nothing else"];
            return [other, other];
        }
    }

    /// <summary>The folder; null where the case has none.</summary>
    private string? Made(TemporaryFolder folder)
    {
        string artifacts = reference.Folder;
        if (IsOurs)
        {
            artifacts = folder.File("ours");
            Run(["artifacts", Path.Combine(reference.Folder, "forward.onnx"), "--output", artifacts, .. reference.LossAndFrozen]);
        }
        else if (!File.Exists(Path.Combine(artifacts, "checkpoint"))) return null;
        if (HasTrAct) Run(["rewrite", artifacts, "--output", artifacts = folder.File("rewritten")]);
        return artifacts;
    }

    private static void Run(string[] arguments)
    {
        var error = new StringWriter();
        if (CommandLine.Run(arguments, TextWriter.Null, error) != 0) throw new GraphRewriteException($"{string.Join(' ', arguments)}: {error}");
    }

    private static string Losses(IReadOnlyList<double> expected, IReadOnlyList<double> losses) =>
        Figure(expected.Zip(losses).Max(pair => Math.Abs(pair.First - pair.Second) / Math.Abs(pair.First)));

    private string AfterLast(IReadOnlyDictionary<string, Tensor> parameters)
    {
        Dictionary<string, Tensor> truth = [];
        foreach (string name in parameters.Keys)
            if (reference.Truth($"{Truths}/after/{name}") is { } expected) truth[name] = expected;
        return truth.Count == 0 ? reasons["the truth holds no parameters"] : Figure(Deviation(truth, parameters));
    }

    private double Deviation(IReadOnlyDictionary<string, Tensor> expected, IReadOnlyDictionary<string, Tensor> parameters)
    {
        double least = reference.LearningRate * reference.Steps;
        double largest = reference.Trainable.Select(Gradient).OfType<Tensor>().SelectMany(gradient => gradient.ToDouble()).Max(Math.Abs);
        return expected.Max(pair =>
        {
            double[] values = pair.Value.ToDouble(), others = parameters[pair.Key].ToDouble();
            double[]? gradient = Gradient(pair.Key)?.ToDouble();
            double scale = Math.Max(values.Max(Math.Abs), least);
            return Enumerable.Range(0, values.Length).Where(i => gradient is null || Math.Abs(gradient[i]) >= Moved * largest)
                .Select(i => Math.Abs(values[i] - others[i]) / scale).DefaultIfEmpty().Max();
        });
    }

    private Tensor? Gradient(string name) => reference.Truth($"{Truths}/grad/{name}");

    private static string Figure(double deviation) => deviation.ToString("0.0e0", CultureInfo.InvariantCulture);
}
