using System.Diagnostics;
using GraphRewrite.Artifacts;
using GraphRewrite.IR;
using GraphRewrite.Serialization;
using TrainingHost.Models;
using TrainingHost.Runtime;
using TrainingHost.Settings;

namespace TrainingHost.Runs;

/// <summary>
/// When a run saves, and what it keeps: the last checkpoint in the folder's root, the best one by the validation set, some older ones. The last is
/// written first: neither of the others is ever ahead of it.
/// </summary>
internal sealed class Checkpoints(RunFolder folder, TrainableModel model, StepSession session, float learningRate, CheckpointPlan plan, int saved)
{
    private readonly Stopwatch sinceSave = Stopwatch.StartNew();

    /// <summary>The step of the last checkpoint.</summary>
    public int Saved { get; private set; } = saved;

    /// <summary>Saves where a checkpoint is due.</summary>
    public void AfterStep(int step)
    {
        if (plan.IsDue(step, sinceSave.Elapsed)) Save(step);
    }

    /// <summary>Saves, unless this step is saved already.</summary>
    /// <exception cref="DivergedException">A parameter is not finite: the checkpoint before stays.</exception>
    public void Save(int step)
    {
        if (step == Saved) return;
        Checkpoint checkpoint = StepInitials.ToCheckpoint(session.Graph, model.Checkpoint, session.Read, learningRate);
        foreach ((string name, Tensor parameter) in checkpoint.Trainable)
            if (!Divergence.IsFinite(parameter)) throw Divergence.InParameter(name, step);
        checkpoint.Write(folder.Last);
        Saved = step;
        if (plan.Keep > 0)
        {
            CopyTo(folder.AtStep(step));
            foreach (string old in folder.Kept.SkipLast(plan.Keep)) File.Delete(old);
        }
        sinceSave.Restart();
    }

    /// <summary>The last checkpoint is the best so far.</summary>
    public void KeepBest() => CopyTo(folder.Best);

    private void CopyTo(string path) => OutputFiles.Write(path, file =>
    {
        using FileStream last = File.OpenRead(folder.Last);
        last.CopyTo(file);
    });
}
