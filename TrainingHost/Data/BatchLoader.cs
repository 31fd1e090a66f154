using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Threading.Channels;
using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.Randomness;
using TrainingHost.Data.Augmentations;

namespace TrainingHost.Data;

/// <summary>How a dataset is cut into batches.</summary>
/// <param name="BatchSize">Examples a batch.</param>
/// <param name="Seed">Of the order and of the augmentation.</param>
/// <param name="Shuffle">A new order each epoch, or the dataset's own.</param>
/// <param name="DropLast">Leaves out a last batch that is not full, unless it is the only one.</param>
/// <param name="Augmentation">Random changes to the examples; null for none.</param>
internal sealed record BatchPlan(int BatchSize, int Seed, bool Shuffle, bool DropLast, Augmentation? Augmentation = null)
{
    /// <summary>Threads that fill the rows of a batch; the numbers do not depend on it.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>Shuffled; a last batch that is not full is dropped (its gradient would weigh its examples more), unless it is the only one.</summary>
    public static BatchPlan Training(int batchSize, int seed, Augmentation? augmentation = null) =>
        new(batchSize, seed, Shuffle: true, DropLast: true, augmentation);

    /// <summary>In order, every example once.</summary>
    public static BatchPlan Evaluation(int batchSize) => new(batchSize, Seed: 0, Shuffle: false, DropLast: false);
}

/// <summary>
/// Cuts a dataset into batches, whose rows the workers fill while the last batch is computed with. Three buffers go round: one with the consumer, two
/// full or being filled.
/// </summary>
internal sealed class BatchLoader
{
    private const int Prefetch = 2;

    /// <summary>Batches draw apart from examples, whose purpose is the epoch.</summary>
    private const long MixingPurpose = 1L << 40;

    private readonly IDataset dataset;
    private readonly BatchPlan plan;
    private readonly Channel<Batch> free = Channel.CreateBounded<Batch>(Prefetch + 1);
    private readonly Stopwatch waiting = new();
    private int readers;

    /// <exception cref="GraphRewriteException">There are no examples, or they cannot be augmented as the plan says.</exception>
    public BatchLoader(IDataset dataset, BatchPlan plan)
    {
        if (dataset.Count == 0) throw new GraphRewriteException($"{dataset.Name}: holds no examples.");
        if (plan.Augmentation is { } augmentation) Check(dataset, augmentation);
        (this.dataset, this.plan) = (dataset, plan);
        BatchSize = Math.Min(plan.BatchSize, dataset.Count);
        for (int i = 0; i <= Prefetch; i++) free.Writer.TryWrite(new(dataset, BatchSize));
    }

    /// <summary>Examples in a full batch: the size asked for, or all there are.</summary>
    public int BatchSize { get; }

    /// <summary>Examples of the dataset.</summary>
    public int Examples => dataset.Count;

    /// <summary>How long the consumer has waited for batches in all: much, beside the time of the run, and more workers would pay.</summary>
    public TimeSpan Waited => waiting.Elapsed;

    public int BatchesPerEpoch => plan.DropLast ? dataset.Count / BatchSize : ((dataset.Count - 1) / BatchSize) + 1;

    /// <summary>
    /// The batches of an epoch from a given place on. A batch belongs to the caller until the next one is asked for (of this epoch or another).
    /// What goes wrong while preparing one is thrown here, after the batches before it; leaving the loop early stops the background thread.
    /// </summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public IEnumerable<Batch> Epoch(int epoch, int firstBatch = 0, CancellationToken cancellation = default)
    {
        if (Interlocked.Exchange(ref readers, 1) != 0)
            throw new InvalidOperationException("The epoch before is still being read; its buffers are the same.");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Channel<Batch> full = Channel.CreateBounded<Batch>(Prefetch);
        Task preparing = Task.Run(() => PrepareAsync(full.Writer, epoch, firstBatch, stop.Token), CancellationToken.None);
        Batch? held = null;
        try
        {
            while (IsThereMore(full.Reader, cancellation))
            {
                while (full.Reader.TryRead(out held))
                {
                    cancellation.ThrowIfCancellationRequested();
                    yield return held;
                    free.Writer.TryWrite(held);
                    held = null;
                }
            }
        }
        finally
        {
            stop.Cancel();
            preparing.GetAwaiter().GetResult();
            // Only now: a batch that the caller left with must not be filled again behind its back.
            if (held is not null) free.Writer.TryWrite(held);
            while (full.Reader.TryRead(out Batch? unread)) free.Writer.TryWrite(unread);
            Volatile.Write(ref readers, 0);
        }
    }

    private async Task PrepareAsync(ChannelWriter<Batch> full, int epoch, int firstBatch, CancellationToken stop)
    {
        Batch? batch = null;
        try
        {
            int[] order = plan.Shuffle ? ShuffledOrder.Of(dataset.Count, plan.Seed, epoch) : [.. Enumerable.Range(0, dataset.Count)];
            for (int index = firstBatch; index < BatchesPerEpoch; index++)
            {
                batch = await free.Reader.ReadAsync(stop).ConfigureAwait(false);
                int start = index * BatchSize;
                Fill(batch, order, epoch, start, Math.Min(BatchSize, order.Length - start));
                (batch.Epoch, batch.Index) = (epoch, index);
                await full.WriteAsync(batch, stop).ConfigureAwait(false);
                batch = null;
            }
            full.Complete();
        }
        // The consumer is who can act on it, whatever it is: it finds the exception at the end of the channel.
        catch (Exception error)
        {
            if (batch is not null) free.Writer.TryWrite(batch);
            full.Complete(error);
        }
    }

    private bool IsThereMore(ChannelReader<Batch> full, CancellationToken cancellation)
    {
        waiting.Start();
        try
        {
            return full.WaitToReadAsync(cancellation).AsTask().GetAwaiter().GetResult();
        }
        finally
        {
            waiting.Stop();
        }
    }

    private void Fill(Batch batch, int[] order, int epoch, int start, int count)
    {
        Exception?[] errors = new Exception?[count];
        if (plan.Workers == 1) for (int row = 0; row < count; row++) FillRow(row);
        else Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = plan.Workers }, FillRow);
        // The first by place, whichever thread met one first.
        if (Array.Find(errors, error => error is not null) is { } first) ExceptionDispatchInfo.Throw(first);
        batch.Count = count;
        if (plan.Augmentation?.Mixing is not { } mixing) return;
        Mixing.RowOf[] inputs = [.. batch.Inputs.Select(input => (Mixing.RowOf)input.FloatsOf)];
        mixing.Apply(count, inputs, batch.Labels.FloatsOf, dataset.Image, Pcg32.For(plan.Seed, MixingPurpose + epoch, start));

        void FillRow(int row)
        {
            try
            {
                Draw? draw = plan.Augmentation is { ChangesImages: true } augmentation
                    ? new(augmentation, Pcg32.For(plan.Seed, epoch, start + row)) : null;
                dataset.Fill(order[start + row], batch, row, draw);
            }
            // Thrown once every row is done with: it must not be lost among those of other threads.
            catch (Exception error)
            {
                errors[row] = error;
            }
        }
    }

    private static void Check(IDataset dataset, Augmentation augmentation)
    {
        if (dataset.Image is null && (augmentation.ChangesImages || augmentation.Mixing is { CutMix: > 0 }))
        {
            throw new GraphRewriteException($"--augment: {dataset.Name} brings arrays of numbers, not pixels (bytes), "
                + "and images only can be augmented, but for MixUp. Train without it, or give images");
        }
        if (augmentation.Mixing is null) return;
        if (dataset.Labels.Type != ElementType.Float)
        {
            throw new GraphRewriteException("--augment: MixUp and CutMix mix the labels of two examples, "
                + $"and '{dataset.Labels.Name}' takes class indices. Train the forward .onnx with --loss cross-entropy, whose labels can be "
                + "probabilities, or artifacts that were made so");
        }
        if (dataset.Inputs.FirstOrDefault(input => input.Type != ElementType.Float) is { } whole)
            throw new GraphRewriteException($"--augment: MixUp mixes numbers, and '{whole.Name}' is {whole.Type}. Train without it");
    }
}
