using System.Diagnostics;
using GraphRewrite.Artifacts;
using GraphRewrite.IR;
using GraphRewrite.Serialization;
using TrainingHost.Models;
using TrainingHost.Runtime;
using TrainingHost.Settings;

namespace TrainingHost.Runs;

/// <summary>
/// When a run saves, and what it keeps: the last checkpoint in the folder's root, the best one by the validation set, some older ones (written
/// with the last, all or none). The best is written later: it is never ahead of the last.
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
        Checkpoint checkpoint = StepInitials.ToCheckpoint(session.Graph, model.Checkpoint, session.View, learningRate);
        foreach ((string name, Tensor parameter) in checkpoint.Trainable)
            if (!Divergence.IsFinite(parameter)) throw Divergence.InParameter(name, step);
        using (var files = AtomicFiles.In(folder.Root))
        {
            checkpoint.Write(files, plan.Keep > 0 ? [folder.Last, folder.AtStep(step)] : [folder.Last]);
            files.Commit();
        }
        Saved = step;
        DeleteOld();
        sinceSave.Restart();
    }

    /// <summary>Keeps as many older checkpoints as are wanted; none is deleted where none is.</summary>
    public void DeleteOld()
    {
        if (plan.Keep > 0)
            foreach (string old in folder.Kept.SkipLast(plan.Keep)) File.Delete(old);
    }

    /// <summary>The last checkpoint is the best so far.</summary>
    public void KeepBest() => OutputFiles.Write(folder.Best, file =>
    {
        using FileStream last = RegularFile.OpenRead(folder.Last);
        last.CopyTo(file);
    });
}
