using GraphRewrite.Diagnostics;
using GraphRewrite.StepGraphs;
using GraphRewrite.TrAct;

namespace TrainingHost.Models;

/// <summary>What the command line asks of TrAct.</summary>
/// <param name="Off">--no-tract.</param>
/// <param name="Lambda">--lambda; null: 0.1, or what rewritten artifacts hold.</param>
/// <param name="Layers">--layer, repeated.</param>
internal sealed record TrActChoice(bool Off, double? Lambda, IReadOnlyList<string> Layers)
{
    /// <summary>Examples in a batch, where known: it decides between primal and dual form.</summary>
    public long? BatchSize { get; init; }

    /// <summary>Rewrites plain artifacts in memory; rewritten ones stay as they are, and their λ holds unless another is given.</summary>
    /// <exception cref="GraphRewriteException">The options do not go with the artifacts, or no layer can be rewritten.</exception>
    public (RewriteReport? Report, float? Lambda) Apply(TrainingGraph training, string path)
    {
        if (training.Graph.Find(TrActNames.Lambda)?.Initializer is { } stored)
        {
            if (Off || Layers.Count > 0)
                throw new GraphRewriteException($"{path}: TrAct is rewritten into these artifacts already; {(Off ? "--no-tract" : "--layer")} needs the plain ones.");
            return (null, (float)(Lambda ?? stored.ToDouble()[0]));
        }
        if (Off) return (null, null);
        double lambda = Lambda ?? TrActNames.DefaultLambda;
        var options = new TrActOptions { Lambda = lambda, Layers = Layers, UserInputs = training.UserInputs, Trainable = training.Trainable, BatchSize = BatchSize };
        return (TrActRewrite.Apply(training.Model, options), (float)lambda);
    }
}
