using GraphRewrite.Diagnostics;
using GraphRewrite.StepGraphs;
using GraphRewrite.TrAct;
using TrainingHost.Settings;

namespace TrainingHost.Models;

/// <summary>Puts TrAct into a training graph as the command line asks for it.</summary>
internal static class ChosenTrAct
{
    /// <summary>Rewrites plain artifacts in memory; rewritten ones stay as they are, and their λ holds unless another is given.</summary>
    /// <param name="choice">What is asked for.</param>
    /// <param name="training">The training graph; it is changed.</param>
    /// <param name="path">Where it came from.</param>
    /// <param name="batchSize">Examples in a batch, where known: it decides between primal and dual form.</param>
    /// <returns>What was rewritten, null where nothing was; and λ, null without TrAct.</returns>
    /// <exception cref="GraphRewriteException">The options do not go with the artifacts, or no layer can be rewritten.</exception>
    public static (RewriteReport? Report, float? Lambda) ApplyTo(TrainingGraph training, TrActChoice choice, string path, long? batchSize)
    {
        if (training.Graph.Find(TrActNames.Lambda)?.Initializer is { } stored)
        {
            if (choice.Off || choice.Layers.Count > 0)
            {
                string option = choice.Off ? "--no-tract" : "--layer";
                throw new GraphRewriteException($"{path}: TrAct is rewritten into these artifacts already; {option} needs the plain ones.");
            }
            return (null, (float)(choice.Lambda ?? stored.ToDouble()[0]));
        }
        if (choice.Off) return (null, null);
        double lambda = choice.Lambda ?? TrActNames.DefaultLambda;
        var options = new TrActOptions
        {
            Lambda = lambda,
            Layers = choice.Layers,
            UserInputs = training.UserInputs,
            Trainable = training.Trainable,
            BatchSize = batchSize,
        };
        return (TrActRewrite.Apply(training.Model, options), (float)lambda);
    }
}
