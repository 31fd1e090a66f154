using System.Threading.Channels;
using GraphRewrite.Diagnostics;
using GraphRewrite.Randomness;

namespace TrainingHost.Data;

/// <summary>How a dataset is cut into batches.</summary>
/// <param name="BatchSize">Examples a batch.</param>
/// <param name="Seed">Of the order and of the augmentation.</param>
/// <param name="Shuffle">A new order each epoch, or the dataset's own.</param>
/// <param name="DropLast">Leaves out a last batch that is not full, unless it is the only one.</param>
/// <param name="Augmentation">Random changes to images; null for none.</param>
internal sealed record BatchPlan(int BatchSize, int Seed, bool Shuffle, bool DropLast, Augmentation? Augmentation = null)
{
    /// <summary>Shuffled; a last batch that is not full is dropped (its gradient would weigh its examples more), unless it is the only one.</summary>
    public static BatchPlan Training(int batchSize, int seed, Augmentation? augmentation = null) =>
        new(batchSize, seed, Shuffle: true, DropLast: true, augmentation);

    /// <summary>In order, every example once.</summary>
    public static BatchPlan Evaluation(int batchSize) => new(batchSize, Seed: 0, Shuffle: false, DropLast: false);
}

/// <summary>
/// Cuts a dataset into batches, which a background thread prepares while the last one is computed with. Three buffers go round: one with the
/// consumer, two full or being filled.
/// </summary>
internal sealed class BatchLoader
{
    private const int Prefetch = 2;

    private readonly IDataset dataset;
    private readonly BatchPlan plan;
    private readonly Channel<Batch> free = Channel.CreateBounded<Batch>(Prefetch + 1);
    private readonly float[] scratch;
    private int readers;

    public BatchLoader(IDataset dataset, BatchPlan plan)
    {
        if (dataset.Count == 0) throw new GraphRewriteException($"{dataset.Name}: holds no examples.");
        if (plan.Augmentation is not null) Augmentation.CheckInput(dataset.Inputs[0]);
        (this.dataset, this.plan) = (dataset, plan);
        BatchSize = Math.Min(plan.BatchSize, dataset.Count);
        for (int i = 0; i <= Prefetch; i++) free.Writer.TryWrite(new(dataset, BatchSize));
        scratch = plan.Augmentation is null ? [] : new float[dataset.Inputs[0].Length];
    }

    /// <summary>Examples in a full batch: the size asked for, or all there are.</summary>
    public int BatchSize { get; }

    /// <summary>Examples of the dataset.</summary>
    public int Examples => dataset.Count;

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
            while (full.Reader.WaitToReadAsync(cancellation).AsTask().GetAwaiter().GetResult())
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
                Fill(batch, order.AsSpan(start, Math.Min(BatchSize, order.Length - start)), epoch, start);
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

    private void Fill(Batch batch, ReadOnlySpan<int> indices, int epoch, int start)
    {
        dataset.Fill(indices, batch);
        if (plan.Augmentation is not { } augmentation) return;
        for (int row = 0; row < indices.Length; row++)
            augmentation.Apply(batch.Inputs[0], row, Pcg32.For(plan.Seed, epoch, start + row), scratch);
    }
}
