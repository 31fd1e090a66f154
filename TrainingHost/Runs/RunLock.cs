using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using GraphRewrite.Diagnostics;
using GraphRewrite.Serialization;

namespace TrainingHost.Runs;

/// <summary>
/// One run a folder: a file stays open and locked as long as a process writes there, and run.lock beside it says which process of which host that
/// is. The system takes the lock from a process that dies, whatever it dies of; on a file system that keeps no locks run.lock alone decides.
/// </summary>
internal sealed class RunLock : IDisposable
{
    private const string LockedFile = ".lock", HolderFile = "run.lock";

    private readonly string folder;
    private readonly FileStream locked;

    private RunLock(string folder, FileStream locked) => (this.folder, this.locked) = (folder, locked);

    /// <exception cref="GraphRewriteException">Another process holds it, or the folder cannot be written.</exception>
    public static RunLock Take(string folder)
    {
        FileStream? locked = null;
        try
        {
            Directory.CreateDirectory(folder);
            locked = new FileStream(Path.Combine(folder, LockedFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            if (Holder.Of(folder) is { IsAlive: true } holder) throw holder.Refusal(folder);
            OutputFiles.Write(Path.Combine(folder, HolderFile), file => JsonSerializer.Serialize(file, Holder.Me));
            return new(folder, locked);
        }
        catch (IOException) when (locked is null && Holder.Of(folder) is { } holder)
        {
            throw holder.Refusal(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GraphRewriteException($"{folder}: no run can be written there ({e.Message}). Give another --output.", e);
        }
        catch (GraphRewriteException)
        {
            locked?.Dispose();
            throw;
        }
    }

    /// <summary>Whether a folder that was not there before is ours now.</summary>
    public static bool Claims(string folder)
    {
        if (Path.Exists(folder)) return false;
        try
        {
            Directory.CreateDirectory(folder);
            using var file = new FileStream(Path.Combine(folder, LockedFile), FileMode.CreateNew);
            return true;
        }
        catch (IOException) when (Path.Exists(Path.Combine(folder, LockedFile)))
        {
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GraphRewriteException($"{folder}: cannot be made ({e.Message}). Give another --output.", e);
        }
    }

    public void Dispose()
    {
        File.Delete(Path.Combine(folder, HolderFile));
        locked.Dispose(); // the file stays: whoever has it open already must not lock one that is gone
    }

    /// <summary>The process that writes there.</summary>
    private sealed record Holder(int Process, string Host, DateTimeOffset Since)
    {
        public static Holder Me => new(Environment.ProcessId, Environment.MachineName, DateTimeOffset.Now);

        /// <summary>Running on this host. Of another host's processes nothing is known here: the lock alone speaks for them.</summary>
        [JsonIgnore]
        public bool IsAlive
        {
            get
            {
                if (Host != Environment.MachineName) return false;
                if (Process == Environment.ProcessId) return false; // it would have the lock
                try
                {
                    using var process = System.Diagnostics.Process.GetProcessById(Process);
                    // A number is used again: a process that began after the lock was taken is another one. One without memory is dead, and its
                    // parent has not asked for it yet (a zombie; in a container perhaps for good).
                    return process.StartTime <= Since && process.WorkingSet64 > 0;
                }
                catch (Exception e) when (e is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
                {
                    return false;
                }
            }
        }

        public static Holder? Of(string folder)
        {
            string path = Path.Combine(folder, HolderFile);
            return File.Exists(path) ? JsonSerializer.Deserialize<Holder>(File.ReadAllBytes(path)) : null;
        }

        public GraphRewriteException Refusal(string folder) => new(string.Create(
            CultureInfo.InvariantCulture,
            $"{folder}: process {Process} on {Host} trains there since {Since:yyyy-MM-dd HH:mm:ss}. Wait, stop it, or give another --output."));
    }
}
