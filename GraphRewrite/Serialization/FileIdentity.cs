using System.Runtime.InteropServices;
using System.Text;

namespace GraphRewrite.Serialization;

/// <summary>What a path leads to.</summary>
internal enum FileKind
{
    File,
    Folder,
    Device,
    Pipe,
    Socket,
}

/// <summary>
/// Which file a path leads to, whatever links stand in it, so that two names of one file are equal: device and inode on Linux, elsewhere the path
/// with its symbolic links followed.
/// </summary>
internal readonly record struct FileIdentity
{
    private readonly (uint Major, uint Minor, ulong Inode, string? Path) place;

    private FileIdentity((uint Major, uint Minor, ulong Inode, string? Path) place, FileKind kind) => (this.place, Kind) = (place, kind);

    public FileKind Kind { get; }

    /// <summary>Null where nothing is there, or the system does not say.</summary>
    public static FileIdentity? Of(string path)
    {
        if (OperatingSystem.IsLinux())
        {
            try
            {
                const int followLinks = 0, typeAndInode = 0x101, workingDirectory = -100;
                byte[] name = [.. Encoding.UTF8.GetBytes(path), 0];
                return statx(workingDirectory, name, followLinks, typeAndInode, out Statx found) != 0 ? null
                    : new((found.DeviceMajor, found.DeviceMinor, found.Inode, null), KindOf(found.Mode));
            }
            catch (EntryPointNotFoundException)
            {
                // glibc before 2.28: as on other systems.
            }
        }
        if (!Path.Exists(path)) return null;
        string real = RealPath(Path.GetFullPath(path));
        return new((0, 0, 0, OperatingSystem.IsLinux() ? real : real.ToUpperInvariant()), Directory.Exists(path) ? FileKind.Folder : FileKind.File);
    }

    private static FileKind KindOf(ushort mode) => (mode & 0xF000) switch
    {
        0x4000 => FileKind.Folder,
        0x2000 or 0x6000 => FileKind.Device,
        0x1000 => FileKind.Pipe,
        0xC000 => FileKind.Socket,
        _ => FileKind.File,
    };

    /// <summary>The path without symbolic links.</summary>
    private static string RealPath(string path)
    {
        if (Path.GetDirectoryName(path) is not { } parent) return path;
        string below = Path.Combine(RealPath(parent), Path.GetFileName(path));
        FileSystemInfo info = Directory.Exists(below) ? new DirectoryInfo(below) : new FileInfo(below);
        return info.LinkTarget is null ? below : RealPath(info.ResolveLinkTarget(returnFinalTarget: true)!.FullName);
    }

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int statx(int directory, byte[] path, int flags, uint mask, out Statx found);

    /// <summary>struct statx of linux/stat.h, which is the same for every architecture and C library.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Statx
    {
        [FieldOffset(28)]
        public ushort Mode;
        [FieldOffset(32)]
        public ulong Inode;
        [FieldOffset(136)]
        public uint DeviceMajor;
        [FieldOffset(140)]
        public uint DeviceMinor;
    }
}
