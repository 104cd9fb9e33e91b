// Whether the sidebar is folded away (wide windows) or open as a drawer (phones), and which links it had in this browser.
const owning = (person: string): string => `kbchat.owns.${person}`;

class SidebarState {
  collapsed = $state(localStorage.getItem('kbchat.sidebar') === 'collapsed');
  drawer = $state(false);

  fold(collapsed: boolean): void {
    this.collapsed = collapsed;
    localStorage.setItem('kbchat.sidebar', collapsed ? 'collapsed' : 'open');
  }

  /** Whether this person owned a collection when he was here before. */
  ownedBefore(person: string | undefined): boolean {
    return person !== undefined && localStorage.getItem(owning(person)) === 'yes';
  }

  keepOwning(person: string, owns: boolean): void {
    if (owns) localStorage.setItem(owning(person), 'yes');
    else localStorage.removeItem(owning(person));
  }
}

export const sidebar = new SidebarState();
